using System.Diagnostics;
using Samovar.Ipc.Shared;

namespace Samovar.Ipc.Queues;

// Large items lie in the queue's own file, behind what is mapped, where each lane has 4 GiB that take space only while something lies there. So
// they stay for those who live, whoever dies, cost no descriptor, and a full system is an error of the one who puts.
//
// 1. The bytes are a ring of blocks of 64 KiB, the largest page there is: only whole pages can be given back to the system.
//    The holder of the lane's lock writes behind LargeTail, and advances it before it publishes the item. Dying in between, it leaves bytes
//    that no item includes; the next large item that is taken frees them too.
// 2. The holder of the claim frees them after it has stored the head, and then stores LargeFreed. Nobody writes there before that store. Dying in
//    between, it leaves LargeFreed behind; who takes the next large item advances it past both.
// 3. A producer that finds no room though all items were taken takes the claim, and sets LargeFreed right.
// 4. A method that ends in Locked is for the holder of the lock, one that ends in Claimed for the holder of the claim. Reading needs the claim too.

/// <summary>Where the large items of one lane lie.</summary>
internal sealed unsafe class LargeItemArea(SharedRegion region, ProducerRingHeader* header, int ring)
{
    private const int BlockSize = 1 << 16;

    private readonly long _offset = QueueLayout.LargeSize * ring; // behind what is mapped

    /// <summary>Reads an item whose place was checked.</summary>
    public void ReadClaimed(LargePlace place, Span<byte> bytes)
    {
        int first = FirstPart(place);
        region.ReadBeyond(_offset + Offset(place.Start), bytes[..first]);
        if (first < bytes.Length) region.ReadBeyond(_offset, bytes[first..]);
    }

    /// <summary>Whether an item of that length has room.</summary>
    /// <exception cref="ChannelCorruptedException">The counts do not fit together.</exception>
    public bool HasRoomLocked(int length)
    {
        long tail = header->LargeTail;
        long freed = Volatile.Read(ref header->LargeFreed); // SYNC: large item freed
        if (freed < 0 || (ulong)(tail - freed) > (ulong)QueueLayout.LargeSize) throw Impossible(freed, tail);
        return End(new LargePlace(tail, length)) - freed <= QueueLayout.LargeSize;
    }

    /// <summary>Writes an item that has room.</summary>
    /// <exception cref="SharedObjectException">The system has no space for it. Nothing of it is left.</exception>
    public LargePlace WriteLocked(ReadOnlySpan<byte> bytes)
    {
        var place = new LargePlace(header->LargeTail, bytes.Length);
        int first = FirstPart(place);
        try
        {
            region.WriteBeyond(_offset + Offset(place.Start), bytes[..first]);
            if (first < bytes.Length) region.WriteBeyond(_offset, bytes[first..]);
        }
        catch (SharedObjectException)
        {
            Free(place); // what was written of it
            throw;
        }

        CheckInvariants(place.Start, End(place));
        Volatile.Write(ref header->LargeTail, End(place)); // SYNC: large item written
        ProducerRing.Step(QueueStep.LargeWritten);
        return place;
    }

    /// <summary>Frees everything up to the end of an item that was taken or dropped.</summary>
    public void FreeClaimed(LargePlace last)
    {
        long freed = header->LargeFreed;
        long end = End(last);
        CheckInvariants(freed, end);
        Free(new LargePlace(freed, end - freed));
        ProducerRing.Step(QueueStep.LargeFreed);
        Volatile.Write(ref header->LargeFreed, end); // SYNC: large item freed
    }

    /// <summary>Frees everything there is, for a producer that holds both lock and claim of a lane without items.</summary>
    public void FreeAllClaimed() => FreeClaimed(new LargePlace(header->LargeTail, 0));

    /// <summary>A place as a slot names it: between what was freed and what was written, and no longer than an array.</summary>
    /// <exception cref="ChannelCorruptedException">It is not.</exception>
    public LargePlace CheckedClaimed(LargePlace place)
    {
        long freed = header->LargeFreed;
        long tail = Volatile.Read(ref header->LargeTail); // SYNC: large item written
        if (freed < 0 || (ulong)(tail - freed) > (ulong)QueueLayout.LargeSize) throw Impossible(freed, tail);
        if (place.Length <= 0 || place.Length > Array.MaxLength || place.Start < freed || place.Start > tail || End(place) > tail || place.Start % BlockSize != 0)
            throw new ChannelCorruptedException($"A large item of {place.Length} bytes at {place.Start} does not lie between {freed} and {tail}.");
        return place;
    }

    private static long End(LargePlace place) => place.Start + ((place.Length + BlockSize - 1) & -BlockSize);

    private static long Offset(long start) => start & (QueueLayout.LargeSize - 1);

    // Around the end of the ring it takes two pieces.
    private static int FirstPart(LargePlace place) => (int)Math.Min(place.Length, QueueLayout.LargeSize - Offset(place.Start));

    private static ChannelCorruptedException Impossible(long freed, long tail) =>
        new($"A lane of the queue has freed {freed} bytes of large items of {tail}, and holds {QueueLayout.LargeSize} at most.");

    [Conditional("DEBUG")]
    private static void CheckInvariants(long start, long end)
    {
        Debug.Assert(start % BlockSize == 0 && end % BlockSize == 0, "large items begin and end with whole blocks");
        Debug.Assert(start <= end, "nothing is written or freed twice");
    }

    private void Free(LargePlace place)
    {
        long first = Math.Min(place.Length, QueueLayout.LargeSize - Offset(place.Start));
        region.FreeBeyond(_offset + Offset(place.Start), first);
        region.FreeBeyond(_offset, place.Length - first);
    }
}
