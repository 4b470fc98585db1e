namespace Samovar.Hosting.Health;

/// <summary>Measures for how long something has waited without progress, from one health check to the next. Thread-safe.</summary>
internal sealed class StallWatch
{
    private readonly Lock _gate = new();
    private long _progress = -1; // gate
    private long _since; // gate: the last check that showed progress, or no wait
    private bool _isWaiting; // gate: whether the last check showed a wait

    /// <summary>Returns for how long an executor has had queued work without running or completing any.</summary>
    public TimeSpan Observe(ExecutorStatistics statistics, TimeProvider time) =>
        Observe(statistics.Queued > 0 && statistics.Running == 0, statistics.Succeeded + statistics.Failed + statistics.Canceled, time);

    /// <summary>Returns the length of a wait without progress, as far as the health checks show; zero if there is progress.</summary>
    /// <param name="isWaiting">Whether there is a wait now.</param>
    /// <param name="progress">A number that changes with each progress.</param>
    /// <param name="time">The clock.</param>
    public TimeSpan Observe(bool isWaiting, long progress, TimeProvider time)
    {
        long now = time.GetTimestamp();
        lock (_gate)
        {
            bool wasWaiting = _isWaiting;
            _isWaiting = isWaiting;
            if (isWaiting && wasWaiting && progress == _progress) return time.GetElapsedTime(_since, now);
            _progress = progress;
            _since = now;
            return TimeSpan.Zero;
        }
    }
}
