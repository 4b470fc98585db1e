namespace Samovar.Threads.Scheduling;

/// <summary>How many tasks a worker takes at once: as many as it has lately run in <see cref="Duration"/>. Not thread-safe: a worker has one.</summary>
/// <remarks>Uses the timestamps that tasks have anyway. A worker that has paused takes one task; the number then grows at most fourfold at a time, and
/// shrinks at once.</remarks>
/// <param name="time">The executor's clock. A clock other than the system's does not tell how long tasks take, and every take is of one task.</param>
internal struct BatchLimit(TimeProvider time)
{
    private readonly long _target = ReferenceEquals(time, TimeProvider.System) ? (long)(Duration.TotalSeconds * time.TimestampFrequency) : 0;
    private long _since;
    private int _ran;
    private int _limit = 1;

    /// <summary>How long the tasks of one take may take together, so that no task waits for longer behind one that was submitted later.</summary>
    public static TimeSpan Duration => TimeSpan.FromMicroseconds(20);

    /// <summary>Counts a task that the worker has run.</summary>
    public void Ran() => _ran++;

    /// <summary>Returns the number of tasks to take now.</summary>
    /// <param name="now">The timestamp at which the last task completed; 0 if the worker has paused since.</param>
    public int Next(long now)
    {
        _limit = now == 0 || _since == 0 || _ran == 0 ? 1 : (int)Math.Min(_limit * 4L, Math.Max(1, _target * _ran / Math.Max(1, now - _since)));
        _since = now;
        _ran = 0;
        return _limit;
    }
}
