using System.Diagnostics;
using Samovar.Loops.Core;
using Samovar.Loops.Groups;
using Samovar.Loops.Inspection;
using Samovar.Loops.Scopes;
using Samovar.Primitives;
using Samovar.Tasks.Core;

namespace Samovar.Loops.Scheduling;

/// <summary>The program that a loop runs: the main work, if the loop runs on its caller's thread until that completes, and the decisions that the
/// loop leaves to its owner.</summary>
/// <remarks>
/// The loop stops when the main work completes:
/// <list type="number">
/// <item>Admissions close and the root scope is cancelled: sleeps and waits whose result is no longer needed are cancelled, and the methods that
/// awaited them complete.</item>
/// <item>Submitted tasks that are left are cancelled and get the grace period to complete. Those that still run after it, or when virtual time is
/// stuck, are left behind.</item>
/// <item>Callbacks that are ready then run, and so do those that they make ready. If the number of ready callbacks does not drop, the loop bounds
/// them: on the real clock by the grace period, measured again from here; in virtual time by a number of callbacks at one moment, during the grace
/// period too, because virtual time does not advance then. Work that continues beyond the bound is left behind (docs/explanation/decisions/0117).</item>
/// <item>Work that was left behind is reported, and so are unobserved failures.</item>
/// <item>The loop closes. Then the outcome of the main work is returned.</item>
/// </list>
/// Fields belong to the loop's thread unless they have a remark.
/// </remarks>
internal sealed class LoopProgram : ScopedLoopOwner
{
    private const int ManyFailed = 1000;

    private readonly Lock _gate = new();
    private readonly List<WeakReference<Future>> _failed = []; // under the gate: tasks whose failure may still be observed
    private Task? _main;
    private Exception? _deadlock;
    private bool _isEnding;
    private long _restSince; // when only work that is not a task was left to complete
    private bool _isInGrace; // remaining tasks are running in the grace period
    private int _interrupts; // from any thread
    private Delegate? _origin;

    public LoopProgram(LoopScheduler scheduler, LoopCoreOptions options)
        : base(options) => Scheduler = scheduler;

    /// <summary>The executor side of the loop.</summary>
    public LoopScheduler Scheduler { get; }

    public override string Name => Scheduler.Name;

    public override Task? Main => _main;

    public override string MainLabel => _origin is null ? "" : CallbackOrigin.OfDelegate(_origin);

    public override bool Owns(ExecutorCore executor) => ReferenceEquals(executor, Scheduler) || ReferenceEquals(executor.Owner, Scheduler);

    public override void StartThread() => Scheduler.EnsureThread();

    public override void Report(FailureSource source, long taskId, string? taskName, Exception exception) => Scheduler.Report(source, taskId, taskName, exception);

    public override void CallbackFailed(Exception error, ReadyItem callback) =>
        Scheduler.Report(FailureSource.DetachedWork, RunningTask.Current?.Id ?? 0, CallbackOrigin.Describe(callback), error);

    public override void CallbackIsSlow(ReadyItem callback, TimeSpan duration, string? place) => Scheduler.SlowCallbacks.CallbackIsSlow(callback, duration, place);

    public override void ThreadIsBlocked(ReadyItem callback, string stack, bool isEndless) => Scheduler.SlowCallbacks.ThreadIsBlocked(callback, stack, isEndless);

    public override List<(Future Task, Task? Work)> SubmittedWork() => Scheduler.SubmittedWork();

    public override Task? WorkOf(Future submitted) => Scheduler.WorkOf(submitted);

    /// <summary>Runs <paramref name="main"/>, and the loop with it, on the calling thread until it completes.</summary>
    /// <param name="main">The main work.</param>
    /// <param name="origin">The user's delegate, for reports.</param>
    /// <param name="hearsInterrupts">Whether this loop handles Ctrl-C.</param>
    public Task Run(Func<Task> main, Delegate origin, bool hearsInterrupts)
    {
        Scheduler.Begin();
        _origin = origin;
        Core.PostOrForward(new MainStart(this, main), null);
        var outer = ExternalWorkTracker.TrackExternal(Scheduler); // started by code of another loop, which cannot see the work of this one
        try
        {
            using (hearsInterrupts ? new InterruptListener(this) : null)
            {
                // The main work's ambient state, its scope and its tracker, also applies to callbacks, and is discarded with the loop.
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

    /// <summary>Handles Ctrl-C. Returns true the first time, and cancels the main work; false from then on. From any thread.</summary>
    public bool Interrupt()
    {
        if (Interlocked.Increment(ref _interrupts) > 1) return false;
        Core.PostOrForward(new Action(Root.Cancel), null);
        return true;
    }

    /// <summary>Records a submitted task that has failed, because its error may never be observed. From any thread.</summary>
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
            // Only the remaining tasks could complete the wait, and they wait for nothing that can happen: a longer grace period would not help.
            _isInGrace = false;
            Core.PostOrForward(new Action(Scheduler.GiveUp), null);
            return true;
        }

        if (_isEnding || _main is not { IsCompleted: false }) return false;
        _deadlock = new LoopDeadlockException(
            $"Event loop '{Name}' is deadlocked: no callback is ready, no timer is armed, and no work is pending elsewhere." +
            $"{Environment.NewLine}{TaskTree.Of(this)}");
        Core.Stop();
        return true;
    }

    public override void EndIsOverdue()
    {
        bool isVirtual = Core.Clock.IsVirtual;
        if (_isInGrace)
        {
            if (!isVirtual) return; // the grace timer bounds it
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
                $"{origin} continues after the main work of event loop '{Name}' has completed, and is left behind. " +
                "Stop it together with the main work; at its waits, do not catch the OperationCanceledException."));
        Core.Stop();
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked(Future failed)
    {
        Debug.Assert(_gate.IsHeldByCurrentThread, "the gate is held");
        Debug.Assert(failed.State == FutureState.Failed, "only failed tasks are recorded");
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
            // Thrown by Run.
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
        Core.BoundEnd(); // the ready count of the grace period does not bound the callbacks that are ready now
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
            : new OperationCanceledException($"{task} had not completed when the main work of event loop '{Name}' completed, and was cancelled."));

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
