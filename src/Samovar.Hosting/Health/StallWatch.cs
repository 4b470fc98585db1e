namespace Samovar.Hosting.Health;

/// <summary>Measures how long an executor has had queued work without running or completing any, from one health check to the next.
/// Thread-safe.</summary>
internal sealed class StallWatch
{
    private readonly Lock _gate = new();
    private long _completed = -1; // gate
    private long _since; // gate: the last check that showed progress, or nothing that waits
    private bool _isWaiting; // gate: whether the last check showed queued work and none that ran

    /// <summary>Returns for how long there has been queued work without progress, as far as the health checks show; zero if there is
    /// progress.</summary>
    public TimeSpan Observe(ExecutorStatistics statistics, TimeProvider time)
    {
        long completed = statistics.Succeeded + statistics.Failed + statistics.Canceled;
        long now = time.GetTimestamp();
        lock (_gate)
        {
            bool wasWaiting = _isWaiting;
            _isWaiting = statistics.Queued > 0 && statistics.Running == 0;
            if (_isWaiting && wasWaiting && completed == _completed) return time.GetElapsedTime(_since, now);
            _completed = completed;
            _since = now;
            return TimeSpan.Zero;
        }
    }
}
