namespace Samovar.Executors.Mapping;

/// <summary>How many items complete a second: over the last ten seconds, or as long as the last items took to complete if that is longer, so that the
/// rate of items that take minutes does not jump. Not thread-safe.</summary>
internal sealed class RateWindow
{
    private const int LeastItems = 32;

    private static readonly TimeSpan s_span = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_distance = TimeSpan.FromMilliseconds(250);

    private readonly TimeProvider _time;
    private readonly Queue<(long At, long Completed)> _samples = new();
    private long _lastAt;
    private long _completed;

    public RateWindow(TimeProvider time, long now)
    {
        _time = time;
        _lastAt = now;
        _samples.Enqueue((now, 0));
    }

    /// <summary>Records that items have completed.</summary>
    public void Add(long items, long now)
    {
        _completed += items;
        if (_time.GetElapsedTime(_lastAt, now) < s_distance) return;
        _lastAt = now;
        _samples.Enqueue((now, _completed));
        while (_samples.Count > 2 && IsEnough(_samples.ElementAt(1), now)) _samples.Dequeue();
    }

    /// <summary>Returns the rate; 0 if nothing has completed, or if the time was too short.</summary>
    public double PerSecond(long now)
    {
        var (at, completed) = _samples.Peek();
        var elapsed = _time.GetElapsedTime(at, now);
        return elapsed >= s_distance ? (_completed - completed) / elapsed.TotalSeconds : 0;
    }

    private bool IsEnough((long At, long Completed) sample, long now) =>
        _time.GetElapsedTime(sample.At, now) >= s_span && _completed - sample.Completed >= LeastItems;
}
