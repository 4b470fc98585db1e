using System.Diagnostics;
using Samovar.Ipc.Shared;

namespace Samovar.Ipc.Queues;

// Large items are stored in the queue's own file, behind the mapped part, where each ring has 4 GiB that take space only while they hold an item. So
// the items survive the death of any process, need no descriptor, and a full system is an error for the producer.
//
// 1. The bytes form a ring of blocks of 64 KiB, the largest page size there is: only whole pages can be returned to the system. The holder of the
//    ring's lock writes behind LargeTail, and advances it before it publishes the item. If it dies in between, it leaves bytes that belong to no
//    item; taking the next large item frees them too.
// 2. The holder of the claim frees the bytes after it has stored the head, and then stores LargeFreed. No process writes there before that store. If
//    it dies in between, LargeFreed stays behind; taking the next large item advances it past both.
// 3. A producer that finds no room although all items were taken takes the claim, and corrects LargeFreed.
// 4. Methods ending in Locked are for the holder of the lock, methods ending in Claimed for the holder of the claim. Reading needs the claim too.

/// <summary>The storage of one ring's large items.</summary>
internal sealed unsafe class LargeItemArea(SharedRegion region, ProducerRingHeader* header, int ring)
{
    private const int BlockSize = 1 << 16;

    private readonly long _offset = QueueLayout.LargeSize * ring; // behind the mapped part

    /// <summary>Reads an item whose place was checked.</summary>
    public void ReadClaimed(LargePlace place, Span<byte> bytes)
    {
        int first = FirstPart(place);
        region.ReadBeyond(_offset + Offset(place.Start), bytes[..first]);
        if (first < bytes.Length) region.ReadBeyond(_offset, bytes[first..]);
    }

    /// <summary>Whether there is room for an item of that length.</summary>
    /// <exception cref="ChannelCorruptedException">The counts are inconsistent.</exception>
    public bool HasRoomLocked(int length)
    {
        long tail = header->LargeTail;
        long freed = Volatile.Read(ref header->LargeFreed); // SYNC: large item freed
        if (freed < 0 || (ulong)(tail - freed) > (ulong)QueueLayout.LargeSize) throw Impossible(freed, tail);
        return End(new LargePlace(tail, length)) - freed <= QueueLayout.LargeSize;
    }

    /// <summary>Writes an item for which there is room.</summary>
    /// <exception cref="SharedObjectException">The system has no space for the item. Nothing of it remains.</exception>
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
            Free(place); // the part that was written
            throw;
        }

        CheckInvariants(place.Start, End(place));
        Volatile.Write(ref header->LargeTail, End(place)); // SYNC: large item written
        ProducerRing.Step(QueueStep.LargeWritten);
        return place;
    }

    /// <summary>Frees all bytes up to the end of an item that was taken or dropped.</summary>
    public void FreeClaimed(LargePlace last)
    {
        long freed = header->LargeFreed;
        long end = End(last);
        CheckInvariants(freed, end);
        Free(new LargePlace(freed, end - freed));
        ProducerRing.Step(QueueStep.LargeFreed);
        Volatile.Write(ref header->LargeFreed, end); // SYNC: large item freed
    }

    /// <summary>Frees all bytes, for a producer that holds both the lock and the claim of a ring without items.</summary>
    public void FreeAllClaimed() => FreeClaimed(new LargePlace(header->LargeTail, 0));

    /// <summary>Checks a place named by a slot: it must be between the freed and the written bytes, and not longer than an array.</summary>
    /// <exception cref="ChannelCorruptedException">The place is not valid.</exception>
    public LargePlace CheckedClaimed(LargePlace place)
    {
        long freed = header->LargeFreed;
        long tail = Volatile.Read(ref header->LargeTail); // SYNC: large item written
        if (freed < 0 || (ulong)(tail - freed) > (ulong)QueueLayout.LargeSize) throw Impossible(freed, tail);
        if (place.Length <= 0 || place.Length > Array.MaxLength || place.Start < freed || place.Start > tail || End(place) > tail || place.Start % BlockSize != 0)
            throw new ChannelCorruptedException($"A large item of {place.Length} bytes at {place.Start} is not between {freed} and {tail}.");
        return place;
    }

    private static long End(LargePlace place) => place.Start + ((place.Length + BlockSize - 1) & -BlockSize);

    private static long Offset(long start) => start & (QueueLayout.LargeSize - 1);

    // An item that wraps around the end of the ring has two parts.
    private static int FirstPart(LargePlace place) => (int)Math.Min(place.Length, QueueLayout.LargeSize - Offset(place.Start));

    private static ChannelCorruptedException Impossible(long freed, long tail) =>
        new($"A ring of the queue has freed {freed} of {tail} bytes of large items, and holds at most {QueueLayout.LargeSize}.");

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
