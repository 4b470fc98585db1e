namespace Samovar;

/// <summary>The parts of a future that most tasks never need: made when the first of them is.</summary>
internal sealed class TaskControls
{
    /// <summary>The token source of the current attempt.</summary>
    public CancellationTokenSource? Cancellation;

    /// <summary>Listens to <see cref="TaskOptions.CancellationToken"/>; disposed when the task ends.</summary>
    public CancellationTokenRegistration Submitted;

    /// <summary>Where the retry policy's jitter stands.</summary>
    public double JitterState;

    /// <summary>How many tasks of its own executor this task waits for.</summary>
    public int OwnWaits;

    /// <summary>What the task blocks for at the moment, without an end of its own.</summary>
    public Future? WaitsFor;

    private readonly Lock _gate = new();
    private TaskProgress? _lastProgress;
    private ITimer? _timer; // counts down the timeout, the grace, or the delay before the next attempt
    private int _timerAttempt;

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

    /// <summary>Replaces the timer, unless the one in place belongs to a later attempt: whoever comes late for an attempt that
    /// is over must not stop the clock of the next.</summary>
    public void SetTimer(ITimer timer, int attempt)
    {
        ITimer? obsolete;
        lock (_gate)
        {
            obsolete = attempt < _timerAttempt ? timer : _timer;
            if (attempt >= _timerAttempt) (_timer, _timerAttempt) = (timer, attempt);
        }

        obsolete?.Dispose();
    }

    /// <summary>Stops the timer of this attempt or an earlier one; <see cref="int.MaxValue"/> for all that ever come.</summary>
    public void StopTimer(int attempt)
    {
        ITimer? obsolete;
        lock (_gate)
        {
            if (attempt < _timerAttempt) return;
            (obsolete, _timer) = (_timer, null);
            _timerAttempt = attempt;
        }

        obsolete?.Dispose();
    }
}
