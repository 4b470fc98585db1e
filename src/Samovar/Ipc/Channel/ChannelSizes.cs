namespace Samovar.Ipc.Channel;

/// <summary>The sizes of a channel's parts.</summary>
internal sealed record ChannelSizes
{
    /// <summary>The size of the ring from parent to worker, in bytes: a power of two from 4 KiB to 1 GiB. Default 256 KiB.</summary>
    public int WorkCapacity { get; init; } = 256 * 1024;

    /// <summary>The size of the ring from worker to parent, in bytes: a power of two from 4 KiB to 1 GiB. Default 256 KiB.</summary>
    public int ResultsCapacity { get; init; } = 256 * 1024;

    /// <summary>How many items can be in flight at once, sent and without a result: 1 to 4,096. Default 256.</summary>
    public int Slots { get; init; } = 256;

    /// <summary>The size of the item journal, in bytes. Its contents fit into one record of a result ring of the default size.</summary>
    public const int JournalLength = 32 * 1024 - 64;

    public static long SlotsOffset => ChannelHeader.HeaderSize;

    public long WorkOffset => Page(SlotsOffset + ((long)Slots * ChannelHeader.SlotStride));

    public long ResultsOffset => WorkOffset + WorkCapacity;

    public long JournalOffset => ResultsOffset + ResultsCapacity;

    public long SegmentLength => Page(JournalOffset + JournalLength);

    public void Validate()
    {
        Check(nameof(WorkCapacity), WorkCapacity);
        Check(nameof(ResultsCapacity), ResultsCapacity);
        if (Slots is < 1 or > 4096)
            throw new ArgumentOutOfRangeException(nameof(Slots), Slots, "A channel has 1 to 4,096 slots.");

        static void Check(string name, int capacity)
        {
            if (capacity < 4096 || !MessageRing.IsCapacity(capacity))
                throw new ArgumentOutOfRangeException(name, capacity, "A channel's ring is a power of two from 4 KiB to 1 GiB.");
        }
    }

    private static long Page(long size) => (size + 4095) & ~4095L;
}
