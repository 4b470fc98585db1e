using System.Diagnostics;
using Samovar.Loops.Core;
using Samovar.Loops.Groups;
using Samovar.Loops.Inspection;
using Samovar.Loops.Scopes;
using Samovar.Primitives;
using Samovar.Tasks.Core;

namespace Samovar.Loops.Scheduling;

/// <summary>What a loop runs as a whole: the main work, where it runs on its caller's thread until that has ended, and what the loop asks of its owner.</summary>
/// <remarks>
/// The end of the main work is the end of the loop:
/// <list type="number">
/// <item>Admissions close and the root scope is cancelled: sleeps and waits that no code is left to need end, with the methods that awaited
/// them.</item>
/// <item>Submitted tasks that are left are cancelled and get the grace to end. Those still running then, or when virtual time is stuck, are left behind.</item>
/// <item>What is ready after that runs to its end, with what becomes ready by it. Where callbacks come one after the other without becoming fewer, the loop bounds them: on the
/// real clock by the grace, counted again from here; in virtual time by a number of callbacks at one moment, in the grace too, since time does not pass then. Work that goes on
/// beyond that is left behind (docs/explanation/decisions/0117).</item>
/// <item>What was left is reported, and so are failures that no code looked at.</item>
/// <item>The loop closes. Then the outcome of the main work comes out.</item>
/// </list>
/// Fields belong to the loop's thread, but for what has a remark.
/// </remarks>
internal sealed class LoopProgram : ScopedLoopOwner
{
    private const int ManyFailed = 1000;

    private readonly Lock _gate = new();
    private readonly List<WeakReference<Future>> _failed = []; // gate: those whose failure may still be looked at
    private Task? _main;
    private Exception? _deadlock;
    private bool _isEnding;
    private long _restSince; // when nothing was left to be ended but work that is no task
    private bool _isInGrace; // what is left over runs on, and may end by itself
    private int _interrupts; // any thread
    private Delegate? _origin;

    public LoopProgram(LoopScheduler scheduler, LoopCoreOptions options)
        : base(options) => Scheduler = scheduler;

    /// <summary>The loop as an executor.</summary>
    public LoopScheduler Scheduler { get; }

    public override string Name => Scheduler.Name;

    public override Task? Main => _main;

    public override string MainLabel => _origin is null ? "" : CallbackOrigin.OfDelegate(_origin);

    public override bool Owns(ExecutorCore executor) => ReferenceEquals(executor, Scheduler);

    public override void StartThread() => Scheduler.EnsureThread();

    public override void Report(FailureSource source, long taskId, string? taskName, Exception exception) => Scheduler.Report(source, taskId, taskName, exception);

    public override void CallbackFailed(Exception error, ReadyItem callback) =>
        Scheduler.Report(FailureSource.DetachedWork, RunningTask.Current?.Id ?? 0, CallbackOrigin.Describe(callback), error);

    public override void CallbackIsSlow(ReadyItem callback, TimeSpan duration, string? place) => Scheduler.SlowCallbacks.CallbackIsSlow(callback, duration, place);

    public override void ThreadIsBlocked(ReadyItem callback, string stack, bool isEndless) => Scheduler.SlowCallbacks.ThreadIsBlocked(callback, stack, isEndless);

    public override List<(Future Task, Task? Work)> SubmittedWork() => Scheduler.SubmittedWork();

    public override Task? WorkOf(Future submitted) => Scheduler.WorkOf(submitted);

    /// <summary>Runs <paramref name="main"/> to its end on this thread, and the loop with it.</summary>
    /// <param name="main">What to run.</param>
    /// <param name="origin">The user's own delegate, for reports.</param>
    /// <param name="hearsInterrupts">Whether Ctrl-C is this loop's to take.</param>
    public Task Run(Func<Task> main, Delegate origin, bool hearsInterrupts)
    {
        Scheduler.Begin();
        _origin = origin;
        Core.PostOrForward(new MainStart(this, main), null);
        var outer = ExternalWorkTracker.TrackExternal(Scheduler); // another loop's code started this one: it does not see what belongs to this
        try
        {
            using (hearsInterrupts ? new InterruptListener(this) : null)
            {
                // What the main work puts into the context, its scope and its tracker, holds for callbacks too, and is gone with the loop.
                bool isSuppressed = ExecutionContext.IsFlowSuppressed();
                if (isSuppressed) ExecutionContext.RestoreFlow();
                ExecutionContext.Run(ExecutionContext.Capture()!, static program => ((LoopProgram)program!).RunToEnd(), this);
                if (isSuppressed) ExecutionContext.SuppressFlow();
            }

            Scheduler.End();
        }
        finally
        {
            outer?.EndExternal();
        }

        if (_deadlock is not null) return Task.FromException(_deadlock);
        return _main!;
    }

    /// <summary>Ctrl-C. True: it was taken as a wish to end, and the main work is cancelled; false the second time. From any thread.</summary>
    public bool Interrupt()
    {
        if (Interlocked.Increment(ref _interrupts) > 1) return false;
        Core.PostOrForward(new Action(Root.Cancel), null);
        return true;
    }

    /// <summary>A submitted task has failed: its error may never be looked at. From any thread.</summary>
    public void TaskFailed(Future task)
    {
        lock (_gate)
        {
            if (_failed.Count >= ManyFailed) _failed.RemoveAll(static failed => !failed.TryGetTarget(out var kept) || !kept.IsFailureUnobserved);
            _failed.Add(new WeakReference<Future>(task));
            CheckInvariantsLocked(task);
        }
    }

    public override bool IsStuck()
    {
        if (!Core.Clock.IsVirtual) return false;
        if (_isInGrace)
        {
            // Nothing but what is left over could end it, and that waits for nothing that could come: no grace helps it, of whatever length.
            _isInGrace = false;
            Core.PostOrForward(new Action(Scheduler.GiveUp), null);
            return true;
        }

        if (_isEnding || _main is not { IsCompleted: false }) return false;
        _deadlock = new LoopDeadlockException(
            $"Event loop '{Name}' cannot go on: nothing is ready, no timer is armed, and nothing of it is under way elsewhere.{Environment.NewLine}{TaskTree.Of(this)}");
        Core.Stop();
        return true;
    }

    public override void EndIsOverdue()
    {
        bool isVirtual = Core.Clock.IsVirtual;
        if (_isInGrace)
        {
            if (!isVirtual) return; // a timer bounds it
            _isInGrace = false;
            Core.PostOrForward(new Action(Scheduler.GiveUp), null);
            return;
        }

        var grace = Scheduler.CancellationGrace;
        if (!isVirtual && (grace == Timeout.InfiniteTimeSpan || Core.Clock.Source.GetElapsedTime(_restSince) < grace)) return;
        string origin = Core.NextReady is { Callback: not null } next ? CallbackOrigin.Describe(next) : "Work";
        Scheduler.Report(
            FailureSource.Orphaned, 0, null,
            new OperationCanceledException(
                $"{origin} goes on though the main work of '{Name}' has ended, and is left behind. End it with the main work; where it waits, let the OperationCanceledException pass."));
        Core.Stop();
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked(Future failed)
    {
        Debug.Assert(_gate.IsHeldByCurrentThread, "the gate is held");
        Debug.Assert(failed.State == FutureState.Failed, "only what has failed is kept for the report");
    }

    private void RunToEnd()
    {
        Core.Run();
        EndOrphanedWork();
    }

    private void Start(Func<Task> main)
    {
        AmbientFrame.Current = new AmbientFrame(Root, null);
        Core.ExternalWork.BecomeCurrent();
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

    private void EndOrphanedWork()
    {
        _isEnding = true;
        var left = Scheduler.BeginEnding();
        Core.PostOrForward(new Action(Root.Cancel), null);
        foreach (var task in left) task.Cancel();
        Core.BoundEnd();
        if (Scheduler.Counters.Outstanding != 0) EndWithinGrace();
        Core.BoundEnd(); // how few were ready in the grace says nothing of what is ready now
        _restSince = Core.Clock.Source.GetTimestamp();
        Core.RunUntilQuiet();
        foreach (var task in left) ReportOrphaned(task);
        ReportFailed();
    }

    private void EndWithinGrace()
    {
        using var limit = Core.Time.CreateTimerWithoutFlow(static scheduler => ((LoopScheduler)scheduler!).GiveUp(), Scheduler);
        limit.Change(Scheduler.CancellationGrace, Timeout.InfiniteTimeSpan);
        Scheduler.DrainAsync(CancellationToken.None).ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(Core.Stop);
        _isInGrace = true;
        Core.Run();
        _isInGrace = false;
    }

    private void ReportOrphaned(Future task) => Scheduler.Report(
        FailureSource.Orphaned, task.Id, task.Name,
        task.State == FutureState.Failed && task.IsFailureUnobserved
            ? task.Exception!
            : new OperationCanceledException($"{task} was left over when the main work of '{Name}' ended, and was asked to give up."));

    private void ReportFailed()
    {
        List<WeakReference<Future>> failed;
        lock (_gate) failed = [.. _failed];
        foreach (var reference in failed)
        {
            if (reference.TryGetTarget(out var task) && task.IsFailureUnobserved) Scheduler.Report(FailureSource.Future, task.Id, task.Name, task.Exception!);
        }
    }

    private sealed class MainStart(LoopProgram program, Func<Task> main) : ReadyWork
    {
        public override void Run() => program.Start(main);

        public override string ToString() => program.MainLabel;
    }
}
