using System.Diagnostics.Metrics;
using System.Globalization;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;
using Samovar.Diagnostics.Inspection;
using Samovar.Diagnostics.Metering;
using Samovar.Diagnostics.Recording;
using Samovar.Diagnostics.Watching;

namespace Samovar.Tasks.Core;

/// <summary>
/// The core of an executor, as its futures see it: its clock, its counters, admission of tasks, and shutdown. A future references the core
/// and never the public executor object, so that an executor without other references can be finalized and stopped.
/// </summary>
/// <remarks>Members that only an executor with remote workers needs are in <see cref="RemoteExecutorCore"/>.</remarks>
internal abstract partial class ExecutorCore : InspectedExecutor, IMetered
{
    private readonly HashSet<Future> _delayed = [];
    private readonly long _epochTimestamp;
    private readonly DateTimeOffset _epoch;
    private TaskCompletionSource? _drained;
    private int _isListed;
    private bool _hasEnded;

    /// <param name="name">The executor's name in errors, logs and statistics.</param>
    /// <param name="time">The executor's clock.</param>
    /// <param name="cancellationGrace">How long work may continue after its token is cancelled before it is abandoned.</param>
    /// <param name="loggers">The log for errors that cannot be delivered to any caller; null for none.</param>
    /// <param name="reportsToConsole">Whether these errors are written to standard error if there is no log.</param>
    protected ExecutorCore(string name, TimeProvider time, TimeSpan cancellationGrace, ILoggerFactory? loggers, bool reportsToConsole = false)
    {
        Name = name;
        Time = time;
        WorkerLives = new WorkerLives(time);
        CancellationGrace = cancellationGrace;
        Remote = this as RemoteExecutorCore;
        Failures = new FailureReporter(name, Counters, loggers, reportsToConsole);
        _epochTimestamp = time.GetTimestamp();
        _epoch = time.GetUtcNow();
    }

    public string Name { get; }

    public TimeProvider Time { get; }

    /// <summary>How long work may continue after its token is cancelled before it is abandoned.</summary>
    public TimeSpan CancellationGrace { get; }

    public TaskCounters Counters { get; } = new();

    /// <summary>Receives the errors that cannot be delivered to any caller.</summary>
    public FailureReporter Failures { get; }

    /// <summary>When its workers started and exited; empty if that is not known.</summary>
    public WorkerLives WorkerLives { get; }

    /// <inheritdoc/>
    public TaskMeter? Meter { get; protected init; }

    /// <summary>The results of its workers' exit hooks; null if it has none. Set once, before the first task.</summary>
    public ExitResults? ExitResults { get; set; }

    /// <summary>The executor whose tasks this one runs, if that is another executor of this process; otherwise null.</summary>
    public ExecutorCore? Owner { get; protected init; }

    /// <summary>This executor if its workers are remote; null if tasks run in this process.</summary>
    public RemoteExecutorCore? Remote { get; }

    /// <summary>Handles waits of a task of this executor for another of its tasks; null if such a wait simply blocks.</summary>
    public NestedWaits? NestedWaits { get; protected init; }

    /// <summary>The context in which code that awaits a task of this executor continues, in a separate turn; null if the executor has no
    /// such order.</summary>
    public SynchronizationContext? Order { get; protected init; }

    /// <summary>The target duration of a map's batch: long enough that the overhead of a batch is small, short enough that no reader waits
    /// long for it.</summary>
    public TimeSpan BatchDuration { get; protected init; } = TimeSpan.FromMicroseconds(100);

    /// <summary>The resources of which tasks require amounts; null if the executor has none.</summary>
    public ResourceLedger? Resources { get; protected init; }

    /// <summary>Whether <c>Submit</c> runs the work, so that the submitter sets the pace.</summary>
    public bool RunsOnSubmit { get; protected init; }

    public event Action<UnobservedFailure>? UnobservedFailure
    {
        add => Failures.Reported += value;
        remove => Failures.Reported -= value;
    }

    /// <summary>Admits one more task and returns its number. The caller then creates the future and calls <see cref="Accept"/>.</summary>
    /// <exception cref="ObjectDisposedException">The executor has been shut down.</exception>
    /// <param name="options">The options of the task.</param>
    /// <param name="regardless">Whether the task is admitted even if a bounded queue is full: for work with a bound of its own.</param>
    public virtual long Admit(TaskOptions? options, bool regardless = false)
    {
        long id = Counters.IsClosed ? 0 : Counters.Admit();
        if (id != 0) return id;
        CheckDrained(); // the refused admission was counted for a moment, which a watcher may have seen
        throw new ObjectDisposedException(Name, $"Executor '{Name}' has been shut down and accepts no more work.");
    }

    /// <summary>Queues a task that <see cref="Admit"/> has numbered.</summary>
    /// <remarks>If the executor cannot accept the task, this throws and the admission is reverted.</remarks>
    public void Accept(Future future)
    {
        if (TryAccept(future) is not { } refusal) return;
        Unadmit();
        refusal.Throw();
    }

    /// <summary>Reverts <see cref="Admit"/>: the executor does not accept the task.</summary>
    public void Unadmit()
    {
        Counters.Unadmit();
        if (Counters.IsWatched) CheckDrained();
    }

    /// <summary>Like <see cref="Accept"/>, but returns the error: the task stays admitted, and the caller completes it or tries
    /// again.</summary>
    public ExceptionDispatchInfo? TryAccept(Future future)
    {
        try
        {
            Remote?.Prepare(future);
        }
        catch (Exception refusal)
        {
            return ExceptionDispatchInfo.Capture(refusal);
        }

        future.ObeyToken();
        EnqueueOrWait(future);
        return null;
    }

    /// <summary>Queues a task, once the resources that it requires are free.</summary>
    public virtual void EnqueueOrWait(Future future)
    {
        if (future.Options.RequiredAmounts is null || Resources is not { } resources) Enqueue(future);
        else resources.Ask(future);
    }

    /// <summary>Refuses a task that requires more of a resource than there is.</summary>
    /// <exception cref="InsufficientResourcesException">The task could never start.</exception>
    public virtual void CheckResources(ResourceAmounts amounts)
    {
        if (Resources is { } resources)
        {
            resources.Check(amounts);
            return;
        }

        var (name, units) = amounts.Units[0];
        throw new InsufficientResourcesException(Name, name, ResourceAmounts.AmountOf(units), total: 0, "none");
    }

    /// <summary>Queues a task in the state <see cref="FutureState.Queued"/>, to run when its turn comes.</summary>
    /// <remarks>Called for new tasks and, on a timer thread, for attempts whose delay has expired.</remarks>
    public abstract void Enqueue(Future future);

    /// <summary>Called when a task was cancelled before it started: the executor drops its state for the task.</summary>
    public abstract void Revoked(Future future);

    /// <summary>Called when the token of a running attempt was cancelled because of <paramref name="reason"/>. Unless the executor can stop
    /// the attempt by force, a timed-out attempt is abandoned after the grace period; a cancelled attempt has no limit.</summary>
    public virtual void StopRequested(Future future, int attempt, StopReason reason)
    {
        if (reason != StopReason.Timeout) return;
        future.EnsureControls().Arm(future, CancellationGrace, static (future, attempt) =>
        {
            // The work still runs, and its outcome is ignored.
            future.Controls?.Grant?.Abandon();
            if (future.EndWithError(attempt, future.TimedOut(attempt, null))) future.Core.LeftBehind(future, attempt);
        }, attempt);
    }

    /// <summary>Called when a thread is about to block for a task of this executor. If this thread may be the one that can complete the
    /// task, the executor does so here, or refuses the wait by throwing.</summary>
    /// <param name="future">The task.</param>
    /// <param name="isShort">Whether the wait is too short for other work that takes some microseconds.</param>
    /// <returns>true if the task has completed.</returns>
    public virtual bool TryRunInline(Future future, bool isShort) => false;

    /// <summary>Called when an attempt that ignored its token was abandoned; its work is still running.</summary>
    public virtual void LeftBehind(Future future, int attempt) => Counters.LeftBehind();

    /// <summary>The number of tasks that can run at the same time.</summary>
    public abstract int Parallelism { get; }

    /// <summary>Called when construction is complete: registers the executor for inspection from outside.</summary>
    public void CanBeSeen()
    {
        if (Interlocked.Exchange(ref _isListed, 1) != 0) return;
        ExecutorRegistry.Add(this);
        InspectionSource.OpenOnce();
    }

    /// <inheritdoc/>
    public sealed override bool IsOver => OutlivesTasks ? Volatile.Read(ref _hasEnded) : Counters.IsClosed && Counters.Outstanding == 0;

    /// <summary>Whether the executor may have state to show after it has closed and all tasks have completed. If so, it reports its end by
    /// <see cref="HasEnded"/>.</summary>
    protected bool OutlivesTasks { get; init; }

    /// <summary>Records that the executor has no more state to show.</summary>
    protected void HasEnded() => Volatile.Write(ref _hasEnded, true);

    /// <inheritdoc/>
    public override Func<TaskTreeNode> CaptureSnapshot(SnapshotRequest request) => () => CreateSnapshot([]);

    /// <inheritdoc/>
    public override ExecutorActivity CaptureActivity(int most) => TaskDescription.ActivityOf([], TasksUnderWay(), most);

    /// <inheritdoc/>
    public sealed override List<MapActivity> CaptureMaps() => Maps.Capture(Time);

    /// <inheritdoc/>
    public sealed override bool TryCancel(long task) => TasksUnderWay().Find(one => one.Id == task)?.Cancel() ?? false;

    /// <inheritdoc/>
    public sealed override bool TryKill(long task)
    {
        if (Remote is not { } remote || TasksUnderWay().Find(one => one.Id == task) is not { State: FutureState.Running } found) return false;
        remote.KillTask(found, "an observer requested it");
        return true;
    }

    /// <inheritdoc/>
    public virtual ExecutorFigures ReadFigures()
    {
        var statistics = GetStatistics();
        return new ExecutorFigures
        {
            Submitted = statistics.Submitted,
            Queued = statistics.Queued,
            Running = statistics.Running,
            Idle = statistics.IdleWorkers,
            Busy = Math.Max(0, statistics.LiveWorkers - statistics.IdleWorkers),
        };
    }

    public DateTimeOffset ToWallClock(long timestamp) => _epoch + Time.GetElapsedTime(_epochTimestamp, timestamp);

    /// <summary>Reports an error that cannot be delivered to any caller to the owner of the executor.</summary>
    public void Report(FailureSource source, long taskId, string? taskName, Exception exception) => Failures.Report(source, taskId, taskName, exception);

    /// <summary>Records that a task waits for the delay before its next attempt; until <see cref="DelayOver"/> it is in no queue.</summary>
    public void Delayed(Future future)
    {
        lock (_delayed) _delayed.Add(future);
    }

    public bool DelayOver(Future future)
    {
        lock (_delayed) return _delayed.Remove(future);
    }

    /// <summary>Removes and returns all tasks that wait for their next attempt.</summary>
    protected List<Future> TakeDelayed()
    {
        lock (_delayed)
        {
            List<Future> taken = [.. _delayed];
            _delayed.Clear();
            return taken;
        }
    }

    /// <summary>Called after a completion was counted while a thread waits for the last one.</summary>
    public virtual void CompletedWhileWatched(Future future) => CheckDrained();

    /// <summary>Completes the waits for draining if no task is outstanding. Called after a completion was counted while there are watchers,
    /// and after a refused admission.</summary>
    public void CheckDrained()
    {
        if (Counters.Outstanding == 0) Interlocked.Exchange(ref _drained, null)?.TrySetResult();
    }

    /// <summary>Completes when all admitted tasks have completed.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        Counters.Watch();
        try
        {
            while (Counters.Outstanding != 0)
            {
                var drained = Volatile.Read(ref _drained);
                if (drained is null)
                {
                    var fresh = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                    drained = Interlocked.CompareExchange(ref _drained, fresh, null) ?? fresh;
                }

                // The last completion may have been counted before the source was published.
                CheckDrained();
                await drained.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            Counters.Unwatch();
        }
    }

    /// <summary>Creates the executor's meter. Returns null if a listener throws when it gets the instruments: that is reported, and the executor is not
    /// measured.</summary>
    /// <param name="factory">The factory from the options; null for the meter that executors without a factory share.</param>
    /// <param name="type">The executor's type, as <see cref="SamovarTelemetry.ExecutorTypeKey"/> has it.</param>
    protected TaskMeter? CreateMeter(IMeterFactory? factory, string type)
    {
        Type = type;
        try
        {
            return new TaskMeter(MeterInstruments.Of(factory), Name, type, Failures, Recorder);
        }
        catch (Exception fromListener)
        {
            // The listener belongs to other code; the executor works without it.
            Report(FailureSource.MeterListener, 0, null, fromListener);
            return null;
        }
    }

    protected ExecutorStatistics CreateStatistics(int workers, int live, int idle, int running) => new()
    {
        Executor = Name,
        Workers = workers,
        LiveWorkers = live,
        IdleWorkers = idle,
        Queued = Math.Max(0, Counters.Outstanding - running),
        Running = running,
        Submitted = Counters.Admitted,
        Succeeded = Counters.Succeeded,
        Failed = Counters.Failed,
        Canceled = Counters.Canceled,
        Retries = Counters.Retries,
        TimedOut = Counters.TimedOut,
        Abandoned = Counters.Abandoned,
        UnobservedFailures = Counters.Unobserved,
        Resources = Resources?.Capture() ?? [],
        WaitingForInputs = WaitingCount,
    };

    /// <summary>Creates the executor's node, from its statistics and the nodes of its workers.</summary>
    protected TaskTreeNode CreateSnapshot(List<TaskTreeNode> workers)
    {
        var figures = GetStatistics();
        string starts = figures.StartError is { } error ? $"; workers cannot be started ({figures.WorkerStarts}): {error.Split('\n')[0]}" : "";
        string resources = string.Concat(figures.Resources.Select(static one => $"; {one.Text}"));
        return new TaskTreeNode(
            $"executor '{Name}'",
            string.Create(CultureInfo.InvariantCulture, $"{figures.LiveWorkers} of {figures.Workers} workers, {figures.Running} running, {figures.Queued} queued; {figures.Succeeded} succeeded, {figures.Failed} failed, {figures.Canceled} cancelled{resources}{starts}"),
            [], workers);
    }
}
