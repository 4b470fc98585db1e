namespace Samovar.Executors.Mapping;

/// <summary>Computes the size of the next batch from the duration of the last ones. Not thread-safe: its owner holds a lock.</summary>
internal sealed class BatchSizer(int workers, int? fixedSize, int? maxInFlight, bool single)
{
    // With a bound on the items in flight, each worker should still have one batch to run and one queued.
    private readonly int _largest = single ? 1 : Math.Min(
        fixedSize ?? int.MaxValue,
        maxInFlight is { } items ? Math.Max(1, items / (2 * workers)) : int.MaxValue);

    public int Size { get; private set; } = single ? 1 : Math.Min(fixedSize ?? 1, Math.Max(1, (maxInFlight ?? int.MaxValue) / (2 * workers)));

    /// <summary>The maximum number of items in flight.</summary>
    public long Limit => maxInFlight ?? (4L * workers * Size);

    /// <summary>Adjusts the size to the duration of a batch. The size at most doubles at a time, and shrinks at once.</summary>
    public void Learn(int ran, TimeSpan took, TimeSpan target, int largest)
    {
        if (fixedSize is not null || ran == 0 || _largest == 1) return;
        double each = Math.Max(1, took.Ticks) / (double)ran;
        int ideal = (int)Math.Clamp(target.Ticks / each, 1, Math.Min(_largest, largest));
        Size = Math.Min(ideal, Size * 2);
    }
}
