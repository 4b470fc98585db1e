namespace Samovar.Ipc;

// Large items lie in the queue's own file, behind what is mapped, where each lane has 4 GiB that take space only while something lies there. So
// they stay for those who live, whoever dies, cost no descriptor, and a full system is an error of the one who puts.
//
// 1. The bytes are a ring of blocks of 64 KiB, the largest page there is: only whole pages can be given back to the system.
//    The holder of the lock writes behind LargeTail, and advances it before it publishes the item. Dying in between, it leaves bytes
//    that no item includes; the next large item that is taken frees them too.
// 2. The holder of the claim frees them after it has stored the head, and then stores LargeFreed. Nobody writes there before that store. Dying in
//    between, it leaves LargeFreed behind; who takes the next large item advances it past both.
// 3. A producer that finds no room though all items were taken takes the claim, and sets LargeFreed right.
internal sealed unsafe partial class QueueLane
{
    private const int LargeBlock = 1 << 16;

    private readonly long _largeOffset;

    /// <summary>Reads a large item, for the holder of the claim.</summary>
    public void ReadLarge(LargePlace place, Span<byte> bytes)
    {
        int first = FirstPart(place);
        _region.ReadBeyond(_largeOffset + Offset(place.Start), bytes[..first]);
        if (first < bytes.Length)
            _region.ReadBeyond(_largeOffset, bytes[first..]);
    }

    private static long End(LargePlace place) => place.Start + ((place.Length + LargeBlock - 1) & -LargeBlock);

    private static bool IsLarge(ShippedKind kind) => kind is ShippedKind.LargeBytes or ShippedKind.LargePacked or ShippedKind.LargeLive;

    private static long Offset(long start) => start & (QueueLayout.LargeSize - 1);

    // Around the end of the ring it takes two pieces.
    private static int FirstPart(LargePlace place) => (int)Math.Min(place.Length, QueueLayout.LargeSize - Offset(place.Start));

    private bool IsLarge(int length) => length > LongestInside;

    private int LengthInside(int length) => IsLarge(length) ? sizeof(LargePlace) : length;

    private LargePlace WriteLargeLocked(ReadOnlySpan<byte> bytes)
    {
        var place = new LargePlace(_header->LargeTail, bytes.Length);
        int first = FirstPart(place);
        try
        {
            _region.WriteBeyond(_largeOffset + Offset(place.Start), bytes[..first]);
            if (first < bytes.Length)
                _region.WriteBeyond(_largeOffset, bytes[first..]);
        }
        catch (SharedObjectException)
        {
            Free(place); // what was written of it
            throw;
        }

        Volatile.Write(ref _header->LargeTail, End(place)); // SYNC: large item written
        Step(QueueStep.LargeWritten);
        return place;
    }

    private bool HasLargeRoomLocked(int length)
    {
        if (!IsLarge(length))
            return true;
        long tail = _header->LargeTail;
        long freed = Volatile.Read(ref _header->LargeFreed); // SYNC: large item freed
        if (freed < 0 || (ulong)(tail - freed) > (ulong)QueueLayout.LargeSize)
            throw ImpossibleLarge(freed, tail);
        return End(new LargePlace(tail, length)) - freed <= QueueLayout.LargeSize || (IsEmpty && TryFreeAllLocked(tail));
    }

    // A consumer has died before it has freed what it took.
    private bool TryFreeAllLocked(long tail)
    {
        if (!TryClaim())
            return false;
        try
        {
            if (!IsEmpty)
                return false;
            FreeLargeClaimed(new LargePlace(tail, 0));
            return true;
        }
        finally
        {
            GiveBack();
        }
    }

    private void FreeLargeClaimed(LargePlace last)
    {
        long freed = _header->LargeFreed;
        long end = End(last);
        Free(new LargePlace(freed, end - freed));
        Step(QueueStep.LargeFreed);
        Volatile.Write(ref _header->LargeFreed, end); // SYNC: large item freed
    }

    private void Free(LargePlace place)
    {
        long first = Math.Min(place.Length, QueueLayout.LargeSize - Offset(place.Start));
        _region.FreeBeyond(_largeOffset + Offset(place.Start), first);
        _region.FreeBeyond(_largeOffset, place.Length - first);
    }

    // Holder of the claim: between what was freed and what was written, and no longer than an array.
    private LargePlace Checked(LargePlace place)
    {
        long freed = _header->LargeFreed;
        long tail = Volatile.Read(ref _header->LargeTail); // SYNC: large item written
        if (freed < 0 || (ulong)(tail - freed) > (ulong)QueueLayout.LargeSize)
            throw ImpossibleLarge(freed, tail);
        if (place.Length <= 0 || place.Length > Array.MaxLength || place.Start < freed || place.Start > tail || End(place) > tail || place.Start % LargeBlock != 0)
            throw new ChannelCorruptedException($"A large item of {place.Length} bytes at {place.Start} does not lie between {freed} and {tail}.");
        return place;
    }

    private static ChannelCorruptedException ImpossibleLarge(long freed, long tail) =>
        new($"A lane of the queue has freed {freed} bytes of large items of {tail}, and holds {QueueLayout.LargeSize} at most.");
}
