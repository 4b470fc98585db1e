using System.Diagnostics;
using Samovar.Primitives;

namespace Samovar.Tasks.Core;

/// <summary>The parts of a future that most tasks never need: made when the first of them is.</summary>
/// <remarks>
/// <list type="number">
/// <item>The gate guards progress, timer and registration. Nothing is called under it.</item>
/// <item>The token source is replaced by one compare-and-swap, only by one of a later attempt; the end of the task drops it.</item>
/// <item>Whoever ends the running attempt advances the jitter. Two who end it at once may both do so: then only a delay differs.</item>
/// <item>The executor writes the output before the attempt ends; the submitting thread writes the home before the task is queued.</item>
/// </list>
/// </remarks>
internal sealed class TaskControls
{
    /// <summary>What the task blocks for at the moment, without an end of its own. Guarded by <see cref="EndlessWaits"/>.</summary>
    public Future? BlocksFor;

    /// <summary>What the latest attempt wrote, where that is captured. Written before the attempt ends.</summary>
    public string? Output;

    /// <summary>Who waits, with its clock, until the task has come back.</summary>
    public ExternalWorkTracker? Tracker;

    private readonly Lock _gate = new();
    private AttemptTokenSource? _cancellation; // of the attempt that asked for a token last
    private double _jitterState; // the retry policy's
    private int _ownWaits;
    private TaskProgress? _lastProgress;
    private ITimer? _timer; // counts down the timeout, the grace, or the delay before the next attempt
    private int _timerAttempt;
    private CancellationTokenRegistration _submitted;

    /// <summary>Whether the task waits for others of its own executor.</summary>
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

    /// <summary>The token of an attempt; its source is made when somebody first asks.</summary>
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

    /// <summary>Trips the token of an attempt whose stop flags were set; does nothing where none was asked for.</summary>
    public void TripToken(Future task, int attempt)
    {
        // SYNC: token against stop. The stop flags are set, then the token is read.
        if (Volatile.Read(ref _cancellation) is { } source && source.Attempt == attempt) Trip(task, source);
    }

    /// <summary>The task has ended: its timer, its token, and what listens to <see cref="TaskOptions.CancellationToken"/> are dropped.</summary>
    public void Finish()
    {
        Unregister();
        StopTimer(int.MaxValue);
        Volatile.Write(ref _cancellation, null);
    }

    /// <summary>The controls of a task; made when the first of its parts is needed.</summary>
    public static TaskControls In(ref TaskControls? field)
    {
        var controls = Volatile.Read(ref field);
        if (controls is not null) return controls;
        var fresh = new TaskControls();
        return Interlocked.CompareExchange(ref field, fresh, null) ?? fresh;
    }

    /// <summary>Moves a task whose attempt has failed back to the queue, now or after the delay of its retry policy, which allows that.</summary>
    /// <returns>False: the attempt's outcome had been decided before, or the task was cancelled.</returns>
    public bool TryRetry(Future task, int attempt)
    {
        var core = task.Core;
        var delay = task.Options.Retry!.DelayAfter(attempt, ref _jitterState);
        if (!task.TryRequeue(attempt)) return false;
        StopTimer(attempt); // only now: another end of this attempt may have won, and its delay must run on
        core.Counters.Retried();
        if (delay == TimeSpan.Zero)
        {
            core.Enqueue(task);
            return true;
        }

        core.Delayed(task);
        Arm(task, delay, static (task, next) => DelayOver(task, next), attempt + 1);

        // Cancelled since it was moved back, before it could be found among the delayed; or nothing may start any more.
        if (task.IsCompleted) core.DelayOver(task);
        else if (core.IsDiscarding) task.Cancel();
        return true;
    }

    /// <summary>Replaces the task's one timer: timeout, then grace, or the delay before the next attempt.</summary>
    public void Arm(Future task, TimeSpan due, Action<Future, int> elapsed, int attempt) =>
        StartTimer(task.Core.Time.CreateTimerWithoutFlow(TaskTimer.Elapsed, new TaskTimer(task, elapsed, attempt)), attempt, due);

    /// <summary>Puts a timer in place and starts it, unless the one in place belongs to a later attempt: whoever comes late for an
    /// attempt that is over must not stop the clock of the next.</summary>
    /// <param name="timer">Not armed yet: one that ran before it stood here could be stopped by what it sets off.</param>
    /// <param name="attempt">The attempt it belongs to.</param>
    /// <param name="due">When it is to ring.</param>
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
        timer.Change(due, Timeout.InfiniteTimeSpan); // on one that has been disposed meanwhile this does nothing
    }

    /// <summary>Stops the timer of this attempt or an earlier one; <see cref="int.MaxValue"/> for all that ever come.</summary>
    public void StopTimer(int attempt)
    {
        ITimer? obsolete;
        using (_gate.HoldRegardless()) // it is a part of a task's end
        {
            if (attempt < _timerAttempt) return;
            (obsolete, _timer) = (_timer, null);
            _timerAttempt = attempt;
            CheckInvariantsLocked();
        }

        obsolete?.Dispose();
    }

    /// <summary>Keeps the registration on <see cref="TaskOptions.CancellationToken"/> until <see cref="Unregister"/>.</summary>
    public void Register(CancellationTokenRegistration registration)
    {
        lock (_gate) _submitted = registration;
    }

    /// <summary>Stops listening to <see cref="TaskOptions.CancellationToken"/>. Does not wait for its callback, which may be what
    /// calls this.</summary>
    public void Unregister()
    {
        CancellationTokenRegistration submitted;
        using (_gate.HoldRegardless()) // it is a part of a task's end
        {
            submitted = _submitted;
            _submitted = default;
        }

        submitted.UnregisterRegardless();
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_timer is null || _timerAttempt < int.MaxValue, "no timer counts for a task that has ended");
    }

    private static void DelayOver(Future task, int next)
    {
        // Cancelled or taken by a shutdown meanwhile: then it is in no queue and stays out. A late call of the timer for an earlier attempt starts none.
        if (task.Attempt == next && task.Core.DelayOver(task)) task.Core.Enqueue(task);
    }

    private static void Trip(Future task, CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (AggregateException errors)
        {
            // Callbacks on the token belong to the work; neither the canceller nor a timer can act on their errors.
            task.Core.Report(FailureSource.CancellationCallback, task.Id, task.Name, errors);
        }
    }
}
