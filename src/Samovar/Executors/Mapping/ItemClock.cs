namespace Samovar.Executors.Mapping;

/// <summary>Measures items that run one after the other, and remembers the slowest. Not thread-safe.</summary>
/// <param name="time">The clock.</param>
/// <param name="began">The timestamp at which the first item starts.</param>
/// <param name="isOn">Whether the items are measured.</param>
internal struct ItemClock(TimeProvider time, long began, bool isOn)
{
    private long _last = began;

    public readonly bool IsOn => isOn;

    /// <summary>The slowest item so far; none if no item was measured.</summary>
    public SlowestOfChunk Slowest { get; private set; }

    /// <summary>Records that an item has completed, and the next one starts.</summary>
    public void Ended(int place)
    {
        long now = time.GetTimestamp();
        var took = time.GetElapsedTime(_last, now);
        _last = now;
        if (!Slowest.HasValue || took > Slowest.Took) Slowest = new SlowestOfChunk(place, took);
    }
}
