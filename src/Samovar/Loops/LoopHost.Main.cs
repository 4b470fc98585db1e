namespace Samovar.Loops;

/// <content>A loop that runs on its caller's thread until its main work has ended.</content>
/// <remarks>
/// The end of the main work is the end of the loop:
/// <list type="number">
/// <item>Admissions close and the root scope is cancelled: sleeps and waits that nobody is left to need end, with the methods that awaited
/// them.</item>
/// <item>Submitted tasks that are left are cancelled and get the grace to end. Those still running then, or when virtual time is stuck, are left behind.</item>
/// <item>What is ready after that runs to its end, with what becomes ready by it. Where callbacks come one after the other without becoming fewer, the loop bounds them: on the
/// real clock by the grace, counted anew from here; in virtual time by a number of callbacks at one moment, in the grace too, since time does not pass then. Work that goes on
/// beyond that is left behind (docs/decisions/0117).</item>
/// <item>What was left is reported, and so are failures that nobody looked at.</item>
/// <item>The loop closes. Then the outcome of the main work comes out.</item>
/// </list>
/// </remarks>
internal sealed partial class LoopHost
{
    private readonly List<WeakReference<Future>> _failed = []; // under the gate: those whose failure may still be looked at
    private Task? _main;
    private Exception? _deadlock;
    private bool _isEnding;
    private long _restSince; // when nothing was left to be ended but work that is no task
    private bool _isInGrace; // what is left over runs on, and may end by itself
    private int _interrupts;
    private Delegate? _origin;

    /// <summary>The main work; null before it begins, and where there is none.</summary>
    public Task? Main => _main;

    /// <summary>Whose method it is.</summary>
    public string MainLabel => _origin is null ? "" : CallbackOrigin.OfDelegate(_origin);

    /// <summary>Runs <paramref name="main"/> to its end on this thread, and the loop with it.</summary>
    /// <param name="main">What to run.</param>
    /// <param name="origin">The user's own delegate, for reports.</param>
    /// <param name="hearsInterrupts">Whether Ctrl-C is this loop's to take.</param>
    public Task RunMain(Func<Task> main, Delegate origin, bool hearsInterrupts)
    {
        Begin();
        _origin = origin;
        Core.PostOrForward(new MainStart(this, main), null);
        var outer = FlowHome.Announce(this); // another loop's code started this one: it does not see what belongs to this
        try
        {
            using (hearsInterrupts && _options.HandlesInterrupt ? new InterruptListener(this) : null)
            {
                // What the main work puts into the context, its scope and its home, holds for callbacks too, and is gone with the loop.
                bool isSuppressed = ExecutionContext.IsFlowSuppressed();
                if (isSuppressed) ExecutionContext.RestoreFlow();
                ExecutionContext.Run(ExecutionContext.Capture()!, static host => ((LoopHost)host!).RunToEnd(), this);
                if (isSuppressed) ExecutionContext.SuppressFlow();
            }

            End();
        }
        finally
        {
            outer?.OutsideEnds();
        }

        if (_deadlock is not null) return Task.FromException(_deadlock);
        return _main!;
    }

    /// <summary>Nothing is ready, nothing is due and nothing announced is under way elsewhere. True: that was dealt with.</summary>
    public bool IsStuck()
    {
        if (!Core.IsVirtual) return false;
        if (_isInGrace)
        {
            // Nothing but what is left over could end it, and that waits for nothing that could come: no grace helps it, of whatever length.
            _isInGrace = false;
            Core.PostOrForward(new Action(GiveUpRunning), null);
            return true;
        }

        if (_isEnding || _main is not { IsCompleted: false }) return false;
        _deadlock = new LoopDeadlockException(
            $"Event loop '{Name}' cannot go on: nothing is ready, no timer is armed, and nothing of it is under way elsewhere.{Environment.NewLine}{TaskTree.Of(this)}");
        Core.Stop();
        return true;
    }

    /// <summary>Ctrl-C. True: it was taken as a wish to end, and the main work is cancelled; false the second time.</summary>
    public bool Interrupt()
    {
        if (Interlocked.Increment(ref _interrupts) > 1) return false;
        Core.PostOrForward(new Action(Core.Root.Cancel), null);
        return true;
    }

    private void RunToEnd()
    {
        Core.Run();
        EndLeftovers();
    }

    private void Start(Func<Task> main)
    {
        AmbientFrame.Current = new AmbientFrame(Core.Root, null);
        Core.MarkHome();
        try
        {
            _main = main() ?? throw new InvalidOperationException("The main work returned null where a task was expected.");
        }
        catch (Exception error)
        {
            // It comes out of Run.
            _main = Task.FromException(error);
        }

        if (_main.IsCompleted) Core.Stop();
        else _main.GetAwaiter().UnsafeOnCompleted(Core.Stop);
    }

    private void EndLeftovers()
    {
        _isEnding = true;
        Counters.Close();
        BeginDiscarding();
        var left = UnderWay();
        lock (_gate)
        {
            for (var queued = _lanes.TakeFirst(); queued is not null; queued = _lanes.TakeFirst()) left.Add(queued);
        }

        left.AddRange(TakeDelayed());
        Core.PostOrForward(new Action(Core.Root.Cancel), null);
        foreach (var task in left) task.Cancel();
        Core.BoundEnd();
        if (Counters.Outstanding != 0) EndWithinGrace();
        Core.BoundEnd(); // how few were ready in the grace says nothing of what is ready now
        _restSince = Core.Source.GetTimestamp();
        Core.RunUntilQuiet();
        foreach (var task in left) ReportLeftover(task);
        ReportFailed();
    }

    private void EndWithinGrace()
    {
        using var limit = Core.Time.CreateUnflowedTimer(static host => ((LoopHost)host!).GiveUpRunning(), this);
        limit.Change(CancellationGrace, Timeout.InfiniteTimeSpan);
        DrainAsync(CancellationToken.None).ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(Core.Stop);
        _isInGrace = true;
        Core.Run();
        _isInGrace = false;
    }

    /// <summary>The loop is to end, and callbacks come one after the other without becoming fewer, in virtual time without letting it pass.</summary>
    public void EndIsOverdue()
    {
        if (_isInGrace)
        {
            if (!Core.IsVirtual) return; // a timer bounds it
            _isInGrace = false;
            Core.PostOrForward(new Action(GiveUpRunning), null);
            return;
        }

        if (!Core.IsVirtual && (CancellationGrace == Timeout.InfiniteTimeSpan || Core.Source.GetElapsedTime(_restSince) < CancellationGrace)) return;
        Report(
            FailureSource.Leftover, 0, null,
            new OperationCanceledException(
                $"{Core.NextOrigin ?? "Work"} goes on though the main work of '{Name}' has ended, and is left behind. End it with the main work; where it waits, let the OperationCanceledException pass."));
        Core.Stop();
    }

    private void ReportLeftover(Future task) => Report(
        FailureSource.Leftover, task.Id, task.Name,
        task.State == FutureState.Failed && task.IsFailureUnobserved
            ? task.Exception!
            : new OperationCanceledException($"{task} was left over when the main work of '{Name}' ended, and was asked to give up."));

    private void ReportFailed()
    {
        List<WeakReference<Future>> failed;
        lock (_gate) failed = [.. _failed];
        foreach (var reference in failed)
        {
            if (reference.TryGetTarget(out var task) && task.IsFailureUnobserved) Report(FailureSource.Future, task.Id, task.Name, task.Exception!);
        }
    }

    private sealed class MainStart(LoopHost host, Func<Task> main) : ReadyWork
    {
        public override void Run() => host.Start(main);

        public override string ToString() => host.MainLabel;
    }
}
