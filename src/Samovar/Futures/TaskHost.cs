using System.Globalization;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;

namespace Samovar;

/// <summary>
/// An executor as its futures see it: its clock, its counters, and what they must tell it. A future holds its host, never
/// the executor's public face, so that an executor nobody holds any more can be noticed and ended.
/// </summary>
internal abstract class TaskHost : InspectedExecutor
{
    private readonly ILogger? _logger;
    private readonly HashSet<Future> _delayed = [];
    private readonly long _epochTimestamp;
    private readonly DateTimeOffset _epoch;
    private TaskCompletionSource? _drained;
    private bool _isDiscarding;
    private int _isListed;
    private Action<UnobservedFailure>? _unobservedFailure;

    protected TaskHost(string name, TimeProvider time, TimeSpan cancellationGrace, ILoggerFactory? loggers)
    {
        Name = name;
        Time = time;
        CancellationGrace = cancellationGrace;
        _logger = loggers?.CreateLogger("Samovar");
        _epochTimestamp = time.GetTimestamp();
        _epoch = time.GetUtcNow();
    }

    public string Name { get; }

    public TimeProvider Time { get; }

    /// <summary>How long work may go on after its token has tripped before it is given up.</summary>
    public TimeSpan CancellationGrace { get; }

    public TaskCounters Counters { get; } = new();

    public event Action<UnobservedFailure>? UnobservedFailure
    {
        add => Extend(ref _unobservedFailure, value, Delegate.Combine);
        remove => Extend(ref _unobservedFailure, value, Delegate.Remove);
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

    /// <summary>A map begins on this thread; others may be the ones that submit its items. May refuse it.</summary>
    public virtual void MapBegins()
    {
    }

    /// <summary>Takes work that many tasks share, so that it need not travel with each of them. Null where nothing travels, or nothing of it
    /// is worth that. Does not throw: work that cannot travel is refused when a task uses it.</summary>
    /// <param name="work">What they call.</param>
    /// <param name="refersToIt">Whether their other parts can refer to what the work captured; otherwise they hold the delegate only.</param>
    public virtual HostWork? Share(Delegate work, bool refersToIt) => null;

    /// <summary>Queues a task that <see cref="Admit"/> gave a number.</summary>
    /// <remarks>Where the host cannot take the task, this throws and the task never was.</remarks>
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
            Prepare(future);
        }
        catch (Exception refusal)
        {
            return ExceptionDispatchInfo.Capture(refusal);
        }

        future.ObeyToken();
        Enqueue(future);
        return null;
    }

    /// <summary>Called once for each task on the thread that submits it, before anybody else sees it.</summary>
    protected virtual void Prepare(Future future)
    {
    }

    /// <summary>Takes a task that is in <see cref="FutureState.Queued"/>, to run it when its turn comes.</summary>
    /// <remarks>Called for new tasks and, from a timer thread, for attempts whose delay is over.</remarks>
    public abstract void Enqueue(Future future);

    /// <summary>A task was cancelled before it started: whatever the host keeps of it can go.</summary>
    public abstract void Revoked(Future future);

    /// <summary>Records that a task in <see cref="FutureState.Sent"/> runs, if its worker has begun it.</summary>
    public virtual void NoteStart(Future future) =>
        throw new InvalidOperationException($"{Name} sends nothing, and task {future.Id} is said to be sent.");

    /// <summary>Settles a task in <see cref="FutureState.Sent"/>: takes it back to <see cref="FutureState.Queued"/>, in no queue, if
    /// its worker has not begun it; otherwise records that it runs.</summary>
    public virtual void Recall(Future future) =>
        throw new InvalidOperationException($"{Name} sends nothing, and task {future.Id} is said to be sent.");

    /// <summary>The time of a running attempt is over by the clock: takes what has arrived of it, which may have been late to be noticed and not
    /// late, such as after this program was stopped (SIGSTOP).</summary>
    /// <returns>True when the attempt had ended; then it did so in time.</returns>
    public virtual bool HasEndedInTime(Future future) => false;

    /// <summary>When an attempt that has ended now did so: earlier, where it ran elsewhere.</summary>
    public virtual long EndOf(Future future, long now) => now;

    /// <summary>A running attempt's token has tripped because of <paramref name="reason"/>. Unless the host can end it by
    /// force, a timed-out attempt is left behind after the grace; a cancelled one may take its time.</summary>
    public virtual void StopRequested(Future future, int attempt, StopReason reason)
    {
        if (reason == StopReason.Timeout) future.AbandonAfterGrace(attempt);
    }

    /// <summary>Blocks until <paramref name="future"/> has ended. Called on a thread that runs a task of this very host, which
    /// must not keep the awaited task from running.</summary>
    public virtual bool WaitInsideTask(Future future, TimeSpan timeout, CancellationToken cancellationToken) =>
        future.BlockUntilCompleted(timeout, cancellationToken);

    /// <summary>Tries for some microseconds to bring a task in <see cref="FutureState.Sent"/> to its end on this thread, which waits
    /// for it without anything else to do.</summary>
    /// <returns>True when it has ended.</returns>
    public virtual bool TryFinishHere(Future future) => false;

    /// <summary>Whoever is about to block for a task of this host may be the one thread that could run it: then the host runs it now, or refuses
    /// the wait.</summary>
    /// <returns>True when the task has ended.</returns>
    public virtual bool HelpBlockedCaller(Future future) => false;

    /// <summary>The task <paramref name="outer"/> of this host began to wait for another of its tasks.</summary>
    public virtual void OwnWaitBegan(Future outer)
    {
    }

    /// <summary>An attempt that ignored its token was given up; its work still goes on.</summary>
    public virtual void LeftBehind(Future future, int attempt) => Counters.LeftBehind();

    /// <summary>Whether nothing may start any more.</summary>
    public bool IsDiscarding => Volatile.Read(ref _isDiscarding);

    /// <summary>Whether it keeps a <see cref="HostItem"/> for a task.</summary>
    public virtual bool KeepsItems => false;

    /// <summary>How many tasks can run at the same time.</summary>
    public abstract int Parallelism { get; }

    /// <summary>About how long a batch of a map should run: long enough that handing it over costs little, short enough that nobody
    /// waits.</summary>
    public virtual TimeSpan BatchDuration => TimeSpan.FromMicroseconds(100);

    /// <summary>Whether submitting runs the work, so that the submitter sets the pace.</summary>
    public virtual bool RunsOnSubmit => false;

    /// <summary>It is built: from here on it is among what is shown to who looks from outside.</summary>
    public void CanBeSeen()
    {
        if (Interlocked.Exchange(ref _isListed, 1) == 0) LiveHosts.Add(this);
    }

    /// <inheritdoc/>
    public override bool IsOver => Counters.IsClosed && Counters.Outstanding == 0;

    /// <inheritdoc/>
    public override Func<TaskTreeNode> AskPicture(PictureRequest request) => () => Picture([]);

    /// <summary>Whether what this executor runs has an order, in which what awaits it goes on as well.</summary>
    public virtual bool HasOrder => false;

    /// <summary>Has something done in its turn; only where there is an order.</summary>
    public virtual void InOrder(Action callback) => callback();

    /// <summary>A snapshot; see <see cref="Executor.GetStatistics"/>.</summary>
    public abstract ExecutorStatistics GetStatistics();

    /// <summary>See <see cref="Executor.ShutdownAsync"/>. May be called again, with another mode.</summary>
    public abstract Task ShutdownAsync(ShutdownMode mode, TimeSpan grace);

    public DateTimeOffset ToWallClock(long timestamp) => _epoch + Time.GetElapsedTime(_epochTimestamp, timestamp);

    /// <summary>Tells the owner of the executor about an error that nobody else can be handed.</summary>
    public void Report(FailureSource source, long taskId, string? taskName, Exception exception)
    {
        Counters.FailureUnobserved();
        var failure = new UnobservedFailure(Name, source, taskId, taskName, exception);
        var handlers = Volatile.Read(ref _unobservedFailure);
        if (handlers is null)
        {
            Log(exception, $"task {taskId} {taskName}: unobserved failure from {source}");
            return;
        }

        foreach (var handler in Delegate.EnumerateInvocationList(handlers))
        {
            try
            {
                handler(failure);
            }
            catch (Exception fromHandler)
            {
                // The handler is the last resort for errors; one of its own can go nowhere but to the log.
                Log(fromHandler, "a handler of UnobservedFailure threw");
            }
        }
    }

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

    /// <summary>From here on what has not started is cancelled instead; before what waits and what runs is listed.</summary>
    protected void BeginDiscarding()
    {
        // SYNC: discard against start. It is announced (a full fence), then what waits and what runs is listed.
        Volatile.Write(ref _isDiscarding, true);
        Interlocked.MemoryBarrier();
    }

    protected ExecutorStatistics Snapshot(int workers, int live, int idle, int running) => new()
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
    protected TaskTreeNode Picture(List<TaskTreeNode> workers)
    {
        var figures = GetStatistics();
        string starts = figures.StartError is { } error ? $"; workers do not start ({figures.WorkerStarts}): {error.Split('\n')[0]}" : "";
        return new TaskTreeNode(
            $"executor '{Name}'",
            string.Create(CultureInfo.InvariantCulture, $"{figures.LiveWorkers} of {figures.Workers} workers, {figures.Running} running, {figures.Queued} queued; {figures.Succeeded} succeeded, {figures.Failed} failed, {figures.Canceled} cancelled{starts}"),
            [], workers);
    }

    /// <summary>A task of a worker. Not under a lock: it may settle whether the task has begun.</summary>
    protected static TaskTreeNode PictureOf(Future task)
    {
        var state = task.State;
        string time = state == FutureState.Running ? string.Create(CultureInfo.InvariantCulture, $" for {task.RunTime.TotalSeconds:0.0} s") : "";
        return new TaskTreeNode($"task {task.Id}{(task.Name is null ? "" : $" '{task.Name}'")}", $"{state.ToString().ToLowerInvariant()}{time}", [], []);
    }

    /// <summary>Writes down an error that nobody was there to hear of.</summary>
    protected virtual void Log(Exception exception, string what)
    {
        try
        {
            _logger?.LogError(exception, "Executor '{Executor}': {What}", Name, what);
        }
        catch (Exception)
        {
            // A logger that throws has nobody left to tell, and this may be a worker's or a timer's thread: it must not end the
            // process. The failure is in the count of unobserved ones.
        }
    }

    /// <summary>Adds a handler to an event or takes it out, without a lock.</summary>
    protected static void Extend<T>(ref Action<T>? field, Action<T>? value, Func<Delegate?, Delegate?, Delegate?> operation)
    {
        var seen = Volatile.Read(ref field);
        while (true)
        {
            var changed = (Action<T>?)operation(seen, value);
            var current = Interlocked.CompareExchange(ref field, changed, seen);
            if (ReferenceEquals(current, seen)) return;
            seen = current;
        }
    }
}
