using System.Numerics;
using System.Runtime.InteropServices;
using Samovar.Ipc.Shared;

namespace Samovar.Ipc.Queues;

/// <summary>The first bytes of a queue's data. docs/reference/ipc-format.md has the same table, and a test compares them.</summary>
[StructLayout(LayoutKind.Explicit, Size = HeaderSize)]
internal unsafe struct QueueHeader
{
    public const int HeaderSize = 4096;

    /// <summary>The number of bytes for the error with which a queue was completed.</summary>
    public const int ErrorSize = HeaderSize - 512;

    /// <summary>The value of <see cref="Completion"/> for a completed queue.</summary>
    public const ulong Completed = ulong.MaxValue;

    /// <summary>0 while the queue is open; the identity of a process while it writes the error; then <see cref="Completed"/>.</summary>
    [FieldOffset(0)] public ulong Completion;
    [FieldOffset(8)] public int ErrorLength;

    /// <summary>How many rings were ever in use; consumers scan only these.</summary>
    [FieldOffset(12)] public int RingsUsed;

    /// <summary>How many puts were aborted by the death of their process.</summary>
    [FieldOffset(16)] public long AbortedWrites;

    /// <summary>Pipes: the <see cref="PipeRole"/> without holders when the pipe ended; 0 before that, and for a pipe that was completed.</summary>
    [FieldOffset(24)] public int EndedBy;

    /// <summary>Pipes: how often a process has taken a part in an end.</summary>
    [FieldOffset(28)] public uint RoleTurn;

    /// <summary>Pipes: the roles that any process has used.</summary>
    [FieldOffset(32)] public uint UsedRoles;

    /// <summary>The number of items taken and not done by processes whose slots belong to others by now.</summary>
    [FieldOffset(40)] public long Abandoned;

    /// <summary>Signal: an item is available, or no more will be.</summary>
    [FieldOffset(128)] public uint Items;

    /// <summary>Signal: a process has marked all items that it took as done.</summary>
    [FieldOffset(256)] public uint Done;
    [FieldOffset(512)] public fixed byte Error[ErrorSize];
}

/// <summary>The header of a ring. The slots follow, and then, for serialized items, the arena.</summary>
[StructLayout(LayoutKind.Explicit, Size = HeaderSize)]
internal struct ProducerRingHeader
{
    public const int HeaderSize = 512;

    /// <summary>The number of items taken; one store takes items. Changed by the holder of the claim.</summary>
    [FieldOffset(0)] public long Head;

    /// <summary>The identity of the process that takes from this ring at this moment; 0 if there is no such process.</summary>
    [FieldOffset(8)] public ulong Claim;

    /// <summary>The number of items that could not be delivered when they were taken. Changed by the holder of the claim.</summary>
    [FieldOffset(16)] public long Lost;

    /// <summary>The number of bytes of large items that were taken or dropped. Changed by the holder of the claim.</summary>
    [FieldOffset(24)] public long LargeFreed;

    /// <summary>The number of items put; one store publishes items. Changed by the holder of the lock.</summary>
    [FieldOffset(128)] public long Tail;

    /// <summary>The identity of the process that puts into this ring at this moment; 0 if there is no such process.</summary>
    [FieldOffset(136)] public ulong PutLock;

    /// <summary>The number of items dropped because the ring was full. Changed by the holder of the lock.</summary>
    [FieldOffset(144)] public long Dropped;

    /// <summary>The number of bytes of large items that were put. Changed by the holder of the lock.</summary>
    [FieldOffset(152)] public long LargeTail;

    /// <summary>Signal: there is room in this ring.</summary>
    [FieldOffset(256)] public uint Room;

    /// <summary>Signal: an item was taken for which the producer holds handles.</summary>
    [FieldOffset(384)] public uint LiveTaken;
}

/// <summary>A slot of a ring with serialized items: names the item's bytes in the arena.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct ShippedSlot(long Start, int Length, ShippedKind Kind)
{
    /// <summary>Whether the bytes are a <see cref="LargePlace"/>.</summary>
    public bool IsLarge => Kind is ShippedKind.LargeBytes or ShippedKind.LargePacked or ShippedKind.LargeLive;
}

/// <summary>How the bytes of a serialized item are read. The numbers are stored in shared memory.</summary>
internal enum ShippedKind
{
    Null = 1,

    /// <summary>A byte array or a string, as raw bytes.</summary>
    Bytes = 2,

    /// <summary>Definitions and a message.</summary>
    Packed = 3,

    /// <summary>Definitions and a message, which the consumer reads before it frees the slot: the producer holds objects in it.</summary>
    Live = 4,

    /// <summary>A <see cref="LargePlace"/> of definitions and a message.</summary>
    LargePacked = 5,

    /// <summary>A <see cref="LargePlace"/> of a byte array or a string.</summary>
    LargeBytes = 6,

    /// <summary>A <see cref="LargePlace"/> of the same contents as <see cref="Live"/>.</summary>
    LargeLive = 7,
}

/// <summary>The place of a large item's bytes, behind the mapped part.</summary>
/// <param name="Start">The running count of the bytes of this ring's large items; the offset is this modulo
/// <see cref="QueueLayout.LargeSize"/>.</param>
/// <param name="Length">The length in bytes.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct LargePlace(long Start, long Length);

/// <summary>Sizes and offsets, computed from the values in the shared header.</summary>
internal sealed unsafe class QueueLayout
{
    public const int LargestCapacity = 1 << 24;

    /// <summary>The number of bytes behind the mapped part for each ring's large items: twice the longest item. They take space only while they hold
    /// an item.</summary>
    public const long LargeSize = 1L << 32;

    private const int PageSize = 4096;

    /// <exception cref="ChannelCorruptedException">The numbers are inconsistent.</exception>
    public QueueLayout(SharedFormat format)
        : this((int)Math.Clamp(format.Capacity, 0, LargestCapacity), format.ElementSize, format.ProcessSlots, format.Traits)
    {
        if (format.Capacity != Capacity || Capacity == 0 || format.ProcessSlots < 1 || format.DataLength < DataLength || format.Beyond != Beyond || !Enum.IsDefined(FullMode))
            throw new ChannelCorruptedException($"A queue of {format.Capacity} items and {format.ProcessSlots} processes cannot have {format.DataLength} bytes.");
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

    /// <summary>The number of slots: a power of two greater than the capacity, so that the slot of the last item put is intact at any
    /// moment.</summary>
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
