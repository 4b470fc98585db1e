namespace Samovar.Diagnostics.Inspection;

/// <summary>When a worker was launched, became ready, and exited: timestamps of the executor's clock, 0 for what has not happened. Thread-safe; each time
/// is set once.</summary>
/// <param name="time">The executor's clock.</param>
/// <param name="name">The worker's name.</param>
internal sealed class WorkerLife(TimeProvider time, string name)
{
    private readonly long _launchedAt = time.GetTimestamp();
    private long _startedAt;
    private long _readyAt;
    private long _endingAt;
    private long _exitedAt;

    public string Name => name;

    public long LaunchedAt => _launchedAt;

    /// <summary>When it ran its first code: it then runs the initializer.</summary>
    public long StartedAt => Volatile.Read(ref _startedAt);

    /// <summary>When it could run its first task.</summary>
    public long ReadyAt => Volatile.Read(ref _readyAt);

    /// <summary>When it was requested to exit.</summary>
    public long EndingAt => Volatile.Read(ref _endingAt);

    public long ExitedAt => Volatile.Read(ref _exitedAt);

    public void Started() => Set(ref _startedAt);

    public void Ready() => Set(ref _readyAt);

    public void Ending() => Set(ref _endingAt);

    public void Exited() => Set(ref _exitedAt);

    private void Set(ref long field) => Interlocked.CompareExchange(ref field, Math.Max(1, time.GetTimestamp()), 0);
}
