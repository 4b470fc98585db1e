using System.Globalization;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;
using Samovar.Diagnostics.Inspection;
using Samovar.Diagnostics.Recording;

namespace Samovar.Tasks.Core;

/// <summary>
/// The core of an executor, as its futures see it: its clock, its counters, how it takes tasks, and how it ends. A future holds the core, never
/// the executor's public face, so that an executor that no code holds any more can be noticed and ended.
/// </summary>
/// <remarks>What only an executor that sends its tasks elsewhere is asked for is in <see cref="RemoteExecutorCore"/>.</remarks>
internal abstract partial class ExecutorCore : InspectedExecutor
{
    private readonly FailureReporter _failures;
    private readonly HashSet<Future> _delayed = [];
    private readonly long _epochTimestamp;
    private readonly DateTimeOffset _epoch;
    private TaskCompletionSource? _drained;
    private int _isListed;
    private bool _hasEnded;

    /// <param name="name">Its name in errors, logs and statistics.</param>
    /// <param name="time">Its clock.</param>
    /// <param name="cancellationGrace">How long work may go on after its token has tripped before it is given up.</param>
    /// <param name="loggers">Where errors go that no caller can be handed.</param>
    /// <param name="reportsToConsole">Whether they go to the standard error stream where there is no logger.</param>
    protected ExecutorCore(string name, TimeProvider time, TimeSpan cancellationGrace, ILoggerFactory? loggers, bool reportsToConsole = false)
    {
        Name = name;
        Time = time;
        CancellationGrace = cancellationGrace;
        Remote = this as RemoteExecutorCore;
        _failures = new FailureReporter(name, Counters, loggers, reportsToConsole);
        _epochTimestamp = time.GetTimestamp();
        _epoch = time.GetUtcNow();
    }

    public string Name { get; }

    public TimeProvider Time { get; }

    /// <summary>How long work may go on after its token has tripped before it is given up.</summary>
    public TimeSpan CancellationGrace { get; }

    public TaskCounters Counters { get; } = new();

    /// <summary>The executor whose tasks this one runs, where that is another one of this process.</summary>
    public ExecutorCore? Owner { get; protected init; }

    /// <summary>This executor, where it sends its tasks elsewhere; null where they run in this process.</summary>
    public RemoteExecutorCore? Remote { get; }

    /// <summary>How a task of this executor waits for another of its tasks; null where it simply blocks.</summary>
    public NestedWaits? NestedWaits { get; protected init; }

    /// <summary>Where the code that awaits a task of this executor continues, in a turn of its own; null where there is no such order.</summary>
    public SynchronizationContext? Order { get; protected init; }

    /// <summary>About how long a batch of a map should run: long enough that handing it over costs little, short enough that no reader
    /// waits for it.</summary>
    public TimeSpan BatchDuration { get; protected init; } = TimeSpan.FromMicroseconds(100);

    /// <summary>Whether submitting runs the work, so that the submitter sets the pace.</summary>
    public bool RunsOnSubmit { get; protected init; }

    public event Action<UnobservedFailure>? UnobservedFailure
    {
        add => _failures.Reported += value;
        remove => _failures.Reported -= value;
    }

    /// <summary>Takes one more task in and gives its number; the caller makes the future and calls <see cref="Accept"/>.</summary>
    /// <exception cref="ObjectDisposedException">The executor has been shut down.</exception>
    /// <param name="options">How the task is to be run.</param>
    /// <param name="regardless">Whether it is let in even where a bounded queue is full: for work with a bound of its own.</param>
    public virtual long Admit(TaskOptions? options, bool regardless = false)
    {
        long id = Counters.IsClosed ? 0 : Counters.Admit();
        if (id != 0) return id;
        CheckDrained(); // the refused admission was counted for a moment, and a watcher may have seen it
        throw new ObjectDisposedException(Name, $"Executor '{Name}' has been shut down and takes no more work.");
    }

    /// <summary>Queues a task that <see cref="Admit"/> gave a number.</summary>
    /// <remarks>Where the executor cannot take the task, this throws and the task never was.</remarks>
    public void Accept(Future future)
    {
        if (TryAccept(future) is not { } refusal) return;
        Counters.Unadmit();
        if (Counters.IsWatched) CheckDrained();
        refusal.Throw();
    }

    /// <summary>As <see cref="Accept"/>, but gives the error: the task stays admitted, and the caller ends it or tries again.</summary>
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
        Enqueue(future);
        return null;
    }

    /// <summary>Takes a task that is in <see cref="FutureState.Queued"/>, to run it when its turn comes.</summary>
    /// <remarks>Called for new tasks and, from a timer thread, for attempts whose delay is over.</remarks>
    public abstract void Enqueue(Future future);

    /// <summary>A task was cancelled before it started: whatever the executor keeps of it can go.</summary>
    public abstract void Revoked(Future future);

    /// <summary>A running attempt's token has tripped because of <paramref name="reason"/>. Unless the executor can end it by
    /// force, a timed-out attempt is left behind after the grace; a cancelled one may take its time.</summary>
    public virtual void StopRequested(Future future, int attempt, StopReason reason)
    {
        if (reason == StopReason.Timeout) future.AbandonAfterGrace(attempt);
    }

    /// <summary>A thread is about to block for a task of this executor, and may be the one that can bring it to its end: then the executor
    /// does that on this thread, or refuses the wait.</summary>
    /// <param name="future">The task.</param>
    /// <param name="isShort">Whether the wait is too short to do something meanwhile that takes some microseconds.</param>
    /// <returns>True when the task has ended.</returns>
    public virtual bool TryRunInline(Future future, bool isShort) => false;

    /// <summary>An attempt that ignored its token was given up; its work still goes on.</summary>
    public virtual void LeftBehind(Future future, int attempt) => Counters.LeftBehind();

    /// <summary>How many tasks can run at the same time.</summary>
    public abstract int Parallelism { get; }

    /// <summary>It is built: from here on it is among what is shown to who looks from outside.</summary>
    public void CanBeSeen()
    {
        if (Interlocked.Exchange(ref _isListed, 1) == 0) ExecutorRegistry.Add(this);
    }

    /// <inheritdoc/>
    public sealed override bool IsOver => OutlivesTasks ? Volatile.Read(ref _hasEnded) : Counters.IsClosed && Counters.Outstanding == 0;

    /// <summary>Whether there may be something to see when it takes no more tasks and all have ended: then it says itself when it
    /// has ended (<see cref="HasEnded"/>).</summary>
    protected bool OutlivesTasks { get; init; }

    /// <summary>Nothing of it is left to see.</summary>
    protected void HasEnded() => Volatile.Write(ref _hasEnded, true);

    /// <inheritdoc/>
    public override Func<TaskTreeNode> CaptureSnapshot(SnapshotRequest request) => () => CreateSnapshot([]);

    /// <summary>A snapshot; see <see cref="Executor.GetStatistics"/>.</summary>
    public abstract ExecutorStatistics GetStatistics();

    public DateTimeOffset ToWallClock(long timestamp) => _epoch + Time.GetElapsedTime(_epochTimestamp, timestamp);

    /// <summary>Reports an error that no caller can be handed to the owner of the executor.</summary>
    public void Report(FailureSource source, long taskId, string? taskName, Exception exception) => _failures.Report(source, taskId, taskName, exception);

    /// <summary>A task waits for the delay before its next attempt; until <see cref="DelayOver"/> it is in no queue.</summary>
    public void Delayed(Future future)
    {
        lock (_delayed) _delayed.Add(future);
    }

    public bool DelayOver(Future future)
    {
        lock (_delayed) return _delayed.Remove(future);
    }

    /// <summary>Takes all tasks that wait for their next attempt.</summary>
    protected List<Future> TakeDelayed()
    {
        lock (_delayed)
        {
            List<Future> taken = [.. _delayed];
            _delayed.Clear();
            return taken;
        }
    }

    /// <summary>Called after an end was counted while somebody watches, and after a refused admission.</summary>
    public void CheckDrained()
    {
        if (Counters.Outstanding == 0) Interlocked.Exchange(ref _drained, null)?.TrySetResult();
    }

    /// <summary>Completes when no admitted task is unfinished.</summary>
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

                // The last end may have been counted before the source was in place.
                CheckDrained();
                await drained.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            Counters.Unwatch();
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
    };

    /// <summary>Its figures, and what is known of its workers.</summary>
    protected TaskTreeNode CreateSnapshot(List<TaskTreeNode> workers)
    {
        var figures = GetStatistics();
        string starts = figures.StartError is { } error ? $"; workers do not start ({figures.WorkerStarts}): {error.Split('\n')[0]}" : "";
        return new TaskTreeNode(
            $"executor '{Name}'",
            string.Create(CultureInfo.InvariantCulture, $"{figures.LiveWorkers} of {figures.Workers} workers, {figures.Running} running, {figures.Queued} queued; {figures.Succeeded} succeeded, {figures.Failed} failed, {figures.Canceled} cancelled{starts}"),
            [], workers);
    }

    /// <summary>A task of a worker. Not under a lock: it may settle whether the task has begun.</summary>
    protected static TaskTreeNode SnapshotOf(Future task)
    {
        var state = task.State;
        string time = state == FutureState.Running ? string.Create(CultureInfo.InvariantCulture, $" for {task.RunTime.TotalSeconds:0.0} s") : "";
        return new TaskTreeNode($"task {task.Id}{(task.Name is null ? "" : $" '{task.Name}'")}", $"{state.ToString().ToLowerInvariant()}{time}", [], []);
    }
}
