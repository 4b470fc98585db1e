using System.Diagnostics;
using Samovar.Primitives;

namespace Samovar.Tasks.Core;

/// <summary>The parts of a future that most tasks never need. Created when one of them is first needed.</summary>
/// <remarks>
/// <list type="number">
/// <item>The gate guards progress, timer and registration. No other code is called under it.</item>
/// <item>The token source is replaced by one compare-and-swap, and only by the source of a later attempt; completion of the task drops
/// it.</item>
/// <item>The thread that completes the running attempt advances the jitter. If two threads do so at once, only a delay differs.</item>
/// <item>The executor writes the output before the attempt completes; the submitting thread writes the tracker before the task is
/// queued.</item>
/// </list>
/// </remarks>
internal sealed class TaskControls
{
    /// <summary>The task that this task currently blocks for without a limit. Guarded by <see cref="EndlessWaits"/>.</summary>
    public Future? BlocksFor;

    /// <summary>Why the task was cancelled, as a clause; null if it was requested. Written before the task completes.</summary>
    public string? CancelReason;

    /// <summary>The context of a task that may be retried. Written when its first attempt starts.</summary>
    public ExecutionContext? Context;

    /// <summary>The captured output of the latest attempt. Written before the attempt completes.</summary>
    public string? Output;

    /// <summary>The failed task whose work this one runs again, because an observer requested it; 0 for none. Written before the task is queued.</summary>
    public long RetryOf;

    /// <summary>The task's activity in this process; null if no listener samples it. Written before the task is queued.</summary>
    public Activity? Span;

    /// <summary>The virtual-time loop whose clock waits until the task has completed.</summary>
    public ExternalWorkTracker? Tracker;

    /// <summary>The resources of the current attempt: requested, held or returned. Null for a task that requires none.</summary>
    public ResourceGrant? Grant;

    private readonly Lock _gate = new();
    private AttemptTokenSource? _cancellation; // of the last attempt that requested a token
    private double _jitterState; // the retry policy's
    private int _ownWaits;
    private TaskProgress? _lastProgress;
    private ITimer? _timer; // counts down the timeout, the grace, or the delay before the next attempt
    private int _timerAttempt;
    private CancellationTokenRegistration _submitted;

    /// <summary>The resources of the running attempt; null if it has none.</summary>
    public IReadOnlyDictionary<string, GrantedResource>? GrantedResources => Volatile.Read(ref Grant)?.Resources;

    /// <summary>Whether the task waits for other tasks of its own executor.</summary>
    public bool HasNestedWaits => Volatile.Read(ref _ownWaits) > 0;

    public TaskProgress? LastProgress
    {
        get
        {
            lock (_gate) return _lastProgress;
        }

        set
        {
            lock (_gate) _lastProgress = value;
        }
    }

    public void BeginNestedWait() => Interlocked.Increment(ref _ownWaits);

    public void EndNestedWait() => Interlocked.Decrement(ref _ownWaits);

    /// <summary>Returns the token of an attempt. Its source is created on first use.</summary>
    public CancellationToken TokenFor(Future task, int attempt)
    {
        var source = Volatile.Read(ref _cancellation);
        while (source is null || source.Attempt < attempt)
        {
            var fresh = new AttemptTokenSource(attempt);

            // SYNC: token against stop. The token is published, then the stop flags are read.
            var seen = Interlocked.CompareExchange(ref _cancellation, fresh, source);
            source = ReferenceEquals(seen, source) ? fresh : seen;
        }

        if (task.WasAskedToStop(source.Attempt)) Trip(task, source);
        return source.Token;
    }

    /// <summary>Cancels the token of an attempt whose stop flags were set; does nothing if the token was never requested.</summary>
    public void TripToken(Future task, int attempt)
    {
        // SYNC: token against stop. The stop flags are set, then the token is read.
        if (Volatile.Read(ref _cancellation) is { } source && source.Attempt == attempt) Trip(task, source);
    }

    /// <summary>Keeps the context for a later attempt, unless the task has completed meanwhile.</summary>
    public void KeepContext(Future task, ExecutionContext context)
    {
        Volatile.Write(ref Context, context);
        Interlocked.MemoryBarrier(); // the context is written, then the state is read
        if (task.IsCompleted) Volatile.Write(ref Context, null);
    }

    /// <summary>Called when the task has completed: drops its timer, its token source, and its registration on
    /// <see cref="TaskOptions.CancellationToken"/>.</summary>
    public void Finish()
    {
        // SYNC: requested or decided. The outcome is claimed, then the request is read.
        Volatile.Read(ref Grant)?.EndAttempt();
        Unregister();
        StopTimer(int.MaxValue);
        Volatile.Write(ref _cancellation, null);
    }

    /// <summary>Called when the state is set and the waiters have been signalled.</summary>
    public void Finished()
    {
        Volatile.Write(ref Context, null); // not before the state is set, see KeepContext
        Volatile.Read(ref Grant)?.Drop();
        Tracker?.EndExternal();
    }

    /// <summary>Returns the controls of a task. Created on first use.</summary>
    public static TaskControls In(ref TaskControls? field)
    {
        var controls = Volatile.Read(ref field);
        if (controls is not null) return controls;
        var fresh = new TaskControls();
        return Interlocked.CompareExchange(ref field, fresh, null) ?? fresh;
    }

    /// <summary>Moves a task whose attempt has failed back to the queue, at once or after the delay of its retry policy, which allows
    /// another attempt.</summary>
    /// <returns>false if the outcome of the attempt was already decided, or the task was cancelled.</returns>
    public bool TryRetry(Future task, int attempt, Exception error)
    {
        var core = task.Core;
        var delay = task.Options.Retry!.DelayAfter(attempt, ref _jitterState);
        long began = task.StartedTimestamp; // of this attempt: once it is requeued, the next may start
        var grant = Volatile.Read(ref Grant);
        if (!task.TryRequeue(attempt)) return false;
        grant?.EndAttempt(); // the next attempt requests its resources again
        StopTimer(attempt); // only now: another completion of this attempt may have won, and its delay timer must keep running
        core.Counters.Retried();
        TaskMeasures.Retried(task, attempt, began, error);
        if (delay == TimeSpan.Zero)
        {
            core.EnqueueOrWait(task);
            return true;
        }

        core.Delayed(task);
        Arm(task, delay, static (task, next) => DelayOver(task, next), attempt + 1);

        // Cancelled since it was moved back, before it could be found among the delayed tasks; or the executor starts no more tasks.
        if (task.IsDecided) core.DelayOver(task);
        else if (core.IsDiscarding) task.Cancel();
        return true;
    }

    /// <summary>Replaces the task's only timer: timeout, then grace period, or the delay before the next attempt.</summary>
    public void Arm(Future task, TimeSpan due, Action<Future, int> elapsed, int attempt) =>
        StartTimer(task.Core.Time.CreateTimerWithoutFlow(TaskTimer.Elapsed, new TaskTimer(task, elapsed, attempt)), attempt, due);

    /// <summary>Installs a timer and starts it, unless the installed one belongs to a later attempt: a late call for an earlier attempt
    /// must not stop the timer of the next.</summary>
    /// <param name="timer">The timer, not yet started: if it ran before it is installed, its callback could stop it.</param>
    /// <param name="attempt">The attempt it belongs to.</param>
    /// <param name="due">The time until it fires.</param>
    private void StartTimer(ITimer timer, int attempt, TimeSpan due)
    {
        ITimer? obsolete;
        lock (_gate)
        {
            bool isCurrent = attempt >= _timerAttempt;
            obsolete = isCurrent ? _timer : timer;
            if (isCurrent) (_timer, _timerAttempt) = (timer, attempt);
            CheckInvariantsLocked();
        }

        obsolete?.Dispose();
        timer.Change(due, Timeout.InfiniteTimeSpan); // has no effect if it was disposed in the meantime
    }

    /// <summary>Stops the timer of this attempt or an earlier one; <see cref="int.MaxValue"/> also stops all future timers.</summary>
    public void StopTimer(int attempt)
    {
        ITimer? obsolete;
        using (_gate.HoldRegardless()) // this is part of completing a task
        {
            if (attempt < _timerAttempt) return;
            (obsolete, _timer) = (_timer, null);
            _timerAttempt = attempt;
            CheckInvariantsLocked();
        }

        obsolete?.Dispose();
    }

    /// <summary>Stores the registration on <see cref="TaskOptions.CancellationToken"/> until <see cref="Unregister"/>.</summary>
    public void Register(CancellationTokenRegistration registration)
    {
        lock (_gate) _submitted = registration;
    }

    /// <summary>Removes the registration on <see cref="TaskOptions.CancellationToken"/>. Does not wait for its callback, which may be the
    /// caller of this method.</summary>
    public void Unregister()
    {
        CancellationTokenRegistration submitted;
        using (_gate.HoldRegardless()) // this is part of completing a task
        {
            submitted = _submitted;
            _submitted = default;
        }

        submitted.UnregisterRegardless();
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_timer is null || _timerAttempt < int.MaxValue, "a completed task has no timer");
    }

    private static void DelayOver(Future task, int next)
    {
        // If the task was cancelled or taken by a shutdown in the meantime, it is in no queue and stays out. A late timer call for an
        // earlier attempt starts none.
        if (task.Attempt == next && task.Core.DelayOver(task)) task.Core.EnqueueOrWait(task);
    }

    private static void Trip(Future task, CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (AggregateException errors)
        {
            // The callbacks on the token belong to the work; neither the canceller nor a timer can handle their errors.
            task.Core.Report(FailureSource.CancellationCallback, task.Id, task.Name, errors);
        }
    }
}
