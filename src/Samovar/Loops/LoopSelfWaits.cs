namespace Samovar.Loops;

/// <summary>Finds those who wait for what they hold themselves, among the code of a loop.</summary>
internal sealed class LoopSelfWaits(LoopHost host) : SelfWaitWatch
{
    /// <summary>Which code runs here, as far as it matters who holds what: the task of a group, the submitted task, or null for the main work.</summary>
    public static object? CodeAtHand => (object?)AmbientFrame.Current?.Task ?? RunningTask.Current;

    /// <summary>Makes this loop's the current one of the thread, and gives what was.</summary>
    public SelfWaitWatch? Enter()
    {
        var outer = Current;
        Current = this;
        return outer;
    }

    /// <summary>The thread goes back to what it had.</summary>
    public static void Leave(SelfWaitWatch? outer) => Current = outer;

    public override void Look(SelfWait wait, CancellationToken own)
    {
        if (own.CanBeCanceled && own != CancelScope.CurrentToken) return; // its owner may end it
        if (CancelScope.Current is { HasDeadlineAround: true }) return; // it ends by itself
        host.Core.Post(new Check(host, CodeAtHand, wait), null);
    }

    private sealed class Check(LoopHost host, object? code, SelfWait wait) : ReadyWork
    {
        public override void Run()
        {
            var root = (code as GroupTask)?.Running ?? (code is Future submitted ? host.WorkOf(submitted) : null) ?? host.Main;
            if (root is null or { IsCompleted: true } || wait.Wait.IsCompleted) return;
            if (AwaitChain.HoldsOnTheWay(root, wait.Wait, wait.IsHold, out string methods) is { Count: > 0 } holds)
                wait.Found(holds, code is GroupTask task ? $"in task {task.Label}, {methods}" : methods);
        }

        public override string ToString() => "a look at who waits for what it holds";
    }
}
