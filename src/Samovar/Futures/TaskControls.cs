namespace Samovar;

/// <summary>The parts of a future that most tasks never need: made when the first of them is.</summary>
internal sealed class TaskControls
{
    /// <summary>The token source of the attempt that asked for one last.</summary>
    public AttemptTokenSource? Cancellation;

    /// <summary>Where the retry policy's jitter stands.</summary>
    public double JitterState;

    /// <summary>How many tasks of its own executor this task waits for.</summary>
    public int OwnWaits;

    /// <summary>What the task blocks for at the moment, without an end of its own.</summary>
    public Future? WaitsFor;

    /// <summary>What the latest attempt wrote, where that is captured. Written before the attempt ends.</summary>
    public string? Output;

    /// <summary>Who waits, with its clock, until the task has come back.</summary>
    public FlowHome? Home;

    private readonly Lock _gate = new();
    private TaskProgress? _lastProgress;
    private ITimer? _timer; // counts down the timeout, the grace, or the delay before the next attempt
    private int _timerAttempt;
    private CancellationTokenRegistration _submitted;

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

    /// <summary>Puts a timer in place and starts it, unless the one in place belongs to a later attempt: whoever comes late for an
    /// attempt that is over must not stop the clock of the next.</summary>
    /// <param name="timer">Not armed yet: one that ran before it stood here could be stopped by what it sets off.</param>
    /// <param name="attempt">The attempt it belongs to.</param>
    /// <param name="due">When it is to ring.</param>
    public void StartTimer(ITimer timer, int attempt, TimeSpan due)
    {
        ITimer? obsolete;
        lock (_gate)
        {
            bool isCurrent = attempt >= _timerAttempt;
            obsolete = isCurrent ? _timer : timer;
            if (isCurrent) (_timer, _timerAttempt) = (timer, attempt);
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
}
