namespace Samovar.Executors.Mapping;

/// <summary>How many items a batch gets, learned from how long the last ones took. The owner locks.</summary>
internal sealed class BatchSizer(int workers, int? fixedSize, int? maxInFlight, bool single)
{
    // With a bound on items under way, each worker should still have a batch to run and one to come.
    private readonly int _largest = single ? 1 : Math.Min(
        fixedSize ?? int.MaxValue,
        maxInFlight is { } items ? Math.Max(1, items / (2 * workers)) : int.MaxValue);

    public int Size { get; private set; } = single ? 1 : Math.Min(fixedSize ?? 1, Math.Max(1, (maxInFlight ?? int.MaxValue) / (2 * workers)));

    /// <summary>How many items may be under way.</summary>
    public long Limit => maxInFlight ?? (4L * workers * Size);

    /// <summary>Learns from a batch. Sizes grow at most twofold at a time, and shrink at once.</summary>
    public void Learn(int ran, TimeSpan took, TimeSpan target, int largest)
    {
        if (fixedSize is not null || ran == 0 || _largest == 1) return;
        double each = Math.Max(1, took.Ticks) / (double)ran;
        int ideal = (int)Math.Clamp(target.Ticks / each, 1, Math.Min(_largest, largest));
        Size = Math.Min(ideal, Size * 2);
    }
}
