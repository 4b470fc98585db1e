using Samovar.Loops.Core;
using Samovar.Loops.Inspection;
using Samovar.Loops.Scopes;
using Samovar.Tasks.Core;

namespace Samovar.Loops.Groups;

/// <summary>Detects code of a loop that waits for a resource that it holds itself.</summary>
internal sealed class LoopSelfWaits(ScopedLoopOwner owner) : SelfWaitWatch
{
    /// <summary>Identifies the running code as a holder of resources: the task of a group, the submitted task, or null for the main work.</summary>
    public static object? CodeAtHand => (object?)AmbientFrame.Current?.Task ?? RunningTask.Current;

    public override void Look(SelfWait wait, CancellationToken own)
    {
        if (own.CanBeCanceled && own != CancelScope.CurrentToken) return; // the owner of the token may cancel the wait
        if (CancelScope.Current is { HasDeadlineAround: true }) return; // the deadline cancels the wait
        owner.Core.Post(new Check(owner, CodeAtHand, wait), null);
    }

    private sealed class Check(ScopedLoopOwner owner, object? code, SelfWait wait) : ReadyWork
    {
        public override void Run()
        {
            var root = (code as GroupTask)?.Running ?? (code is Future submitted ? owner.WorkOf(submitted) : null) ?? owner.Main;
            if (root is null or { IsCompleted: true } || wait.Wait.IsCompleted) return;
            if (AwaitChain.HoldsOnTheWay(root, wait.Wait, wait.IsHold, out string methods) is { Count: > 0 } holds)
                wait.Found(holds, code is GroupTask task ? $"in task {task.Label}, {methods}" : methods);
        }

        public override string ToString() => "the check for code that waits for what it holds";
    }
}
