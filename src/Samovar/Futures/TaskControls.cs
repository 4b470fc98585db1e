namespace Samovar;

/// <summary>The parts of a future that most tasks never need: made when the first of them is.</summary>
internal sealed class TaskControls
{
    /// <summary>The token source of the current attempt.</summary>
    public CancellationTokenSource? Cancellation;

    /// <summary>Counts down the timeout, the grace, or the delay before the next attempt.</summary>
    public ITimer? Timer;

    /// <summary>Listens to <see cref="TaskOptions.CancellationToken"/>; disposed when the task ends.</summary>
    public CancellationTokenRegistration Submitted;

    /// <summary>Where the retry policy's jitter stands.</summary>
    public double JitterState;

    /// <summary>How many tasks of its own executor this task waits for.</summary>
    public int OwnWaits;

    private readonly Lock _gate = new();
    private TaskProgress? _lastProgress;

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
}
