using System.Numerics;
using System.Runtime.InteropServices;
using Samovar.Ipc.Shared;

namespace Samovar.Ipc.Queues;

/// <summary>The first bytes of a queue's data; docs/reference/ipc-format.md holds the same table and a test compares them.</summary>
[StructLayout(LayoutKind.Explicit, Size = HeaderSize)]
internal unsafe struct QueueHeader
{
    public const int HeaderSize = 4096;

    /// <summary>Bytes for the error with which a queue was completed.</summary>
    public const int ErrorSize = HeaderSize - 512;

    /// <summary><see cref="Completion"/> of a queue that takes no more.</summary>
    public const ulong Completed = ulong.MaxValue;

    /// <summary>0 while the queue is open; the identity of a process that writes the error; <see cref="Completed"/>.</summary>
    [FieldOffset(0)] public ulong Completion;
    [FieldOffset(8)] public int ErrorLength;

    /// <summary>Rings that any process ever had; consumers look at no more.</summary>
    [FieldOffset(12)] public int RingsUsed;

    /// <summary>Puts in the midst of which their process died.</summary>
    [FieldOffset(16)] public long AbortedWrites;

    /// <summary>Of a pipe: the <see cref="PipeRole"/> that nobody had any more when it ended; 0 where it has not, or was completed.</summary>
    [FieldOffset(24)] public int EndedBy;

    /// <summary>Of a pipe: how often a process has taken a part in an end.</summary>
    [FieldOffset(28)] public uint RoleTurn;

    /// <summary>Of a pipe: roles that any process has used.</summary>
    [FieldOffset(32)] public uint UsedRoles;

    /// <summary>Items taken and not done by processes whose slots others have by now.</summary>
    [FieldOffset(40)] public long Abandoned;

    /// <summary>Signal: something is there, or nothing will come any more.</summary>
    [FieldOffset(128)] public uint Items;

    /// <summary>Signal: a process has done all that it took.</summary>
    [FieldOffset(256)] public uint Done;
    [FieldOffset(512)] public fixed byte Error[ErrorSize];
}

/// <summary>The head of a ring; slots and, for shipped items, the arena follow.</summary>
[StructLayout(LayoutKind.Explicit, Size = HeaderSize)]
internal struct ProducerRingHeader
{
    public const int HeaderSize = 512;

    /// <summary>Items given out; one store of it takes them. Changed by the holder of the claim.</summary>
    [FieldOffset(0)] public long Head;

    /// <summary>The identity of the process that takes from this ring at this moment; 0 for none.</summary>
    [FieldOffset(8)] public ulong Claim;

    /// <summary>Items that could not be handed on when they were taken. Changed by the holder of the claim.</summary>
    [FieldOffset(16)] public long Lost;

    /// <summary>Bytes of large items that were taken, or dropped. Changed by the holder of the claim.</summary>
    [FieldOffset(24)] public long LargeFreed;

    /// <summary>Items put; one store of it publishes them. Changed by the holder of the lock.</summary>
    [FieldOffset(128)] public long Tail;

    /// <summary>The identity of the process that puts into this ring at this moment; 0 for none.</summary>
    [FieldOffset(136)] public ulong PutLock;

    /// <summary>Items dropped because the ring was full. Changed by the holder of the lock.</summary>
    [FieldOffset(144)] public long Dropped;

    /// <summary>Bytes of large items that were put. Changed by the holder of the lock.</summary>
    [FieldOffset(152)] public long LargeTail;

    /// <summary>Signal: there is room in this ring.</summary>
    [FieldOffset(256)] public uint Room;

    /// <summary>Signal: an item was taken of which the producer holds a part.</summary>
    [FieldOffset(384)] public uint LiveTaken;
}

/// <summary>A slot of a ring whose items are shipped: where in the arena the bytes lie.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct ShippedSlot(long Start, int Length, ShippedKind Kind)
{
    /// <summary>Whether the bytes are a <see cref="LargePlace"/>.</summary>
    public bool IsLarge => Kind is ShippedKind.LargeBytes or ShippedKind.LargePacked or ShippedKind.LargeLive;
}

/// <summary>How the bytes of a shipped item are to be read. The numbers stand in shared memory.</summary>
internal enum ShippedKind
{
    Null = 1,

    /// <summary>A byte array or a string, as it is.</summary>
    Bytes = 2,

    /// <summary>Definitions and message.</summary>
    Packed = 3,

    /// <summary>Definitions and message, which the taker reads before it gives the slot back: something in it is held by the sender.</summary>
    Live = 4,

    /// <summary>A <see cref="LargePlace"/>, where definitions and message lie.</summary>
    LargePacked = 5,

    /// <summary>A <see cref="LargePlace"/>, where a byte array or a string lies.</summary>
    LargeBytes = 6,

    /// <summary>A <see cref="LargePlace"/>, where lies what <see cref="Live"/> is.</summary>
    LargeLive = 7,
}

/// <summary>Where, behind what is mapped, the bytes of a large item lie.</summary>
/// <param name="Start">Counts the bytes of this ring's large items for ever; the offset is modulo <see cref="QueueLayout.LargeSize"/>.</param>
/// <param name="Length">Bytes.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct LargePlace(long Start, long Length);

/// <summary>Sizes and places, computed from what the shared header says.</summary>
internal sealed unsafe class QueueLayout
{
    public const int LargestCapacity = 1 << 24;

    /// <summary>Bytes behind what is mapped for each ring's large items; twice what the longest has. They take space only where one lies.</summary>
    public const long LargeSize = 1L << 32;

    private const int PageSize = 4096;

    /// <exception cref="ChannelCorruptedException">The numbers do not fit together.</exception>
    public QueueLayout(SharedFormat format)
        : this((int)Math.Clamp(format.Capacity, 0, LargestCapacity), format.ElementSize, format.ProcessSlots, format.Traits)
    {
        if (format.Capacity != Capacity || Capacity == 0 || format.ProcessSlots < 1 || format.DataLength < DataLength || format.Beyond != Beyond || !Enum.IsDefined(FullMode))
            throw new ChannelCorruptedException($"A queue of {format.Capacity} items and {format.ProcessSlots} processes does not lie in {format.DataLength} bytes.");
    }

    public QueueLayout(int capacity, int elementSize, int processSlots, long traits)
    {
        Capacity = capacity;
        Slots = (int)BitOperations.RoundUpToPowerOf2((uint)capacity + 1);
        SlotSize = elementSize == 0 ? sizeof(ShippedSlot) : elementSize;
        FullMode = (ProcessQueueFullMode)(traits & 3);
        TrackCompletion = (traits & 4) != 0;
        ArenaSize = elementSize == 0 ? 1L << (int)((traits >> 8) & 31) : 0;
        ArenaOffset = (ProducerRingHeader.HeaderSize + ((long)Slots * SlotSize) + 63) & -64;
        RingSize = (ArenaOffset + ArenaSize + PageSize - 1) & -PageSize;
        Beyond = elementSize == 0 ? LargeSize * processSlots : 0;
        DataLength = checked(QueueHeader.HeaderSize + (RingSize * processSlots));
    }

    public int Capacity { get; }

    /// <summary>More than the capacity, so that the slot of the last item put is whole at any moment; a power of two.</summary>
    public int Slots { get; }

    public int SlotSize { get; }

    public ProcessQueueFullMode FullMode { get; }

    public bool TrackCompletion { get; }

    public long ArenaSize { get; }

    public long ArenaOffset { get; }

    public long RingSize { get; }

    public long DataLength { get; }

    public long Beyond { get; }

    public static long Traits(ProcessQueueFullMode mode, bool trackCompletion, long arenaSize) =>
        (long)mode | (trackCompletion ? 4L : 0) | ((long)BitOperations.Log2((ulong)arenaSize) << 8);
}
