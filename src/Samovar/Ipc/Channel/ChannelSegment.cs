using Samovar.Ipc.Platform;

namespace Samovar.Ipc.Channel;

/// <summary>A segment laid out as a channel. The parent writes the header; the worker checks all of it.</summary>
internal sealed unsafe class ChannelSegment : IDisposable
{
    private readonly SharedSegment _memory;

    private ChannelSegment(SharedSegment memory, ChannelSizes sizes, int parentId, ChannelCookie cookie)
    {
        _memory = memory;
        Sizes = sizes;
        ParentId = parentId;
        Cookie = cookie;
    }

    public ChannelSizes Sizes { get; }

    public int ParentId { get; }

    public ChannelCookie Cookie { get; }

    public SegmentAddress Address => _memory.Address;

    public long Length => _memory.Length;

    public uint* WorkerBell => &Header->WorkerBell;

    public MessageRing Work => new(_memory.At(Sizes.WorkOffset, Sizes.WorkCapacity), Sizes.WorkCapacity, &Header->WorkHead);

    public MessageRing Results => new(_memory.At(Sizes.ResultsOffset, Sizes.ResultsCapacity), Sizes.ResultsCapacity, &Header->ResultsHead);

    public byte* Slots => _memory.At(ChannelSizes.SlotsOffset, (long)Sizes.Slots * ChannelHeader.SlotStride);

    /// <summary>The item journal, of <see cref="ChannelSizes.JournalLength"/> bytes.</summary>
    public byte* Journal => _memory.At(Sizes.JournalOffset, ChannelSizes.JournalLength);

    /// <summary>The worker's progress in starting. It can be any number, since the worker writes it.</summary>
    public int StartStep
    {
        get => Volatile.Read(ref Header->StartStep); // SYNC: start step shown
        set => Volatile.Write(ref Header->StartStep, value); // SYNC: start step shown
    }

    /// <summary>How many large messages of the result ring the parent has opened; these survive the worker's exit.</summary>
    public long LargeOpened
    {
        get => Volatile.Read(ref Header->LargeOpened); // SYNC: large message opened
        set => Volatile.Write(ref Header->LargeOpened, value); // SYNC: large message opened
    }

    /// <summary>Whether the worker reports that it waits for work, with results sent for all items that it has started.</summary>
    public bool IsWorkerIdle
    {
        get => Volatile.Read(ref Header->WorkerIdle) != 0; // SYNC: worker idle
        set => Volatile.Write(ref Header->WorkerIdle, value ? 1u : 0u); // SYNC: worker idle
    }

    private ChannelHeader* Header => (ChannelHeader*)_memory.Start;

    /// <summary>Lays out a new, zeroed segment. The magic number is written last.</summary>
    public static ChannelSegment Create(SharedSegment memory, ChannelSizes sizes, int parentId)
    {
        sizes.Validate();
        ArgumentOutOfRangeException.ThrowIfLessThan(memory.Length, sizes.SegmentLength, nameof(memory));
        var cookie = ChannelCookie.Random();
        var header = (ChannelHeader*)memory.Start;
        header->Version = ChannelHeader.VersionValue;
        header->SlotCount = (uint)sizes.Slots;
        header->SegmentLength = sizes.SegmentLength;
        header->SlotsOffset = ChannelSizes.SlotsOffset;
        header->WorkOffset = sizes.WorkOffset;
        header->ResultsOffset = sizes.ResultsOffset;
        header->WorkCapacity = sizes.WorkCapacity;
        header->ResultsCapacity = sizes.ResultsCapacity;
        header->ParentId = parentId;
        header->CookieLow = cookie.Low;
        header->CookieHigh = cookie.High;
        header->JournalOffset = sizes.JournalOffset;
        Volatile.Write(ref header->Magic, ChannelHeader.MagicValue); // SYNC: layout ready
        return new ChannelSegment(memory, sizes, parentId, cookie);
    }

    /// <summary>Opens a segment that another process laid out, after checking every field of its header.</summary>
    /// <exception cref="ChannelCorruptedException">The segment is not a channel, is of another version, or its regions do not fit.</exception>
    public static ChannelSegment Open(SharedSegment memory, ChannelCookie expected)
    {
        if (memory.Length < ChannelHeader.HeaderSize) throw Bad("length", memory.Length, $"at least {ChannelHeader.HeaderSize}");

        var header = (ChannelHeader*)memory.Start;
        ulong magic = Volatile.Read(ref header->Magic); // SYNC: layout ready
        if (magic != ChannelHeader.MagicValue) throw Bad("magic number", (long)magic, $"{ChannelHeader.MagicValue}");

        // The header is copied once and then checked, so the checked values are the ones that are used.
        ChannelHeader copy = *header;
        if (copy.Version != ChannelHeader.VersionValue)
            throw Bad("version", copy.Version, $"{ChannelHeader.VersionValue} (parent and worker run different builds of Samovar)");
        if (!new ChannelCookie(copy.CookieLow, copy.CookieHigh).Matches(expected))
            throw new ChannelCorruptedException("The channel's cookie is not the one this worker was started with.");
        if (copy.SegmentLength != memory.Length) throw Bad("segment length", copy.SegmentLength, $"{memory.Length}");
        if (copy.SlotCount > 4096) throw Bad("slot count", copy.SlotCount, "1 to 4,096");

        var sizes = new ChannelSizes
        {
            WorkCapacity = copy.WorkCapacity,
            ResultsCapacity = copy.ResultsCapacity,
            Slots = (int)copy.SlotCount,
        };
        try
        {
            sizes.Validate();
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw new ChannelCorruptedException($"The channel's header has impossible sizes: {e.Message}", e);
        }

        Expect("slots offset", copy.SlotsOffset, ChannelSizes.SlotsOffset);
        Expect("work offset", copy.WorkOffset, sizes.WorkOffset);
        Expect("results offset", copy.ResultsOffset, sizes.ResultsOffset);
        Expect("journal offset", copy.JournalOffset, sizes.JournalOffset);
        Expect("segment length", copy.SegmentLength, sizes.SegmentLength);
        return new ChannelSegment(memory, sizes, copy.ParentId, expected);
    }

    /// <summary>Removes the segment's name after the worker has opened it.</summary>
    public void RemoveName() => _memory.RemoveName();

    public void Dispose() => _memory.Dispose();

    private static void Expect(string field, long found, long expected)
    {
        if (found != expected) throw Bad(field, found, $"{expected}");
    }

    private static ChannelCorruptedException Bad(string field, long found, string expected) =>
        new($"The channel's header has {field} {found}, expected {expected}.");
}
