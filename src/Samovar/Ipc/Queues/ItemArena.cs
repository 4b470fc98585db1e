namespace Samovar.Ipc.Queues;

/// <summary>The slots and the arena of a ring with serialized items: a slot names the item's bytes in the arena.</summary>
/// <remarks>
/// The arena is a ring, like the slots. All of it that is outside the slots in use is free, so it needs no counts of its own. The holder of the
/// ring's lock reserves and writes; the holder of its claim reads. Values read from the memory are checked before they are used.
/// </remarks>
internal readonly unsafe struct ItemArena
{
    private readonly ShippedSlot* _slots;
    private readonly byte* _start;
    private readonly long _mask;
    private readonly long _size;

    public ItemArena(byte* slots, byte* start, QueueLayout layout)
    {
        _slots = (ShippedSlot*)slots;
        _start = start;
        _mask = layout.Slots - 1;
        _size = layout.ArenaSize;
    }

    /// <summary>Whether an item of that length is stored in the <see cref="LargeItemArea"/>, and only its place here.</summary>
    public bool IsLarge(int length) => length > _size / 2;

    /// <summary>Finds free bytes for an item, or for the place of a large one.</summary>
    /// <param name="head">The oldest slot in use.</param>
    /// <param name="tail">The slot after the newest one.</param>
    /// <param name="length">The length of the item in bytes.</param>
    /// <param name="start">The offset of the free bytes.</param>
    /// <returns>False if there is no room.</returns>
    /// <exception cref="ChannelCorruptedException">A slot in use names bytes outside the arena.</exception>
    public bool TryReserve(long head, long tail, int length, out long start)
    {
        // The bytes from the start of the oldest slot to the end of the newest are in use, possibly wrapping around. While there is an item, the two
        // never meet, so equal ends cannot be mistaken for an empty arena.
        long size = SizeOf(LengthHere(length));
        start = 0;
        if (head == tail) return size <= _size;
        ShippedSlot newest = Read(tail - 1, out _);
        long oldest = Read(head, out _).Start;
        long end = newest.Start + SizeOf(newest.Length);
        if (end > oldest)
        {
            start = end;
            if (size <= _size - end) return true;
            start = 0;
            return size < oldest;
        }

        start = end;
        return size < oldest - end;
    }

    /// <summary>Writes an item, and the slot that names it.</summary>
    /// <param name="position">The slot.</param>
    /// <param name="start">The offset found by <see cref="TryReserve"/>.</param>
    /// <param name="item">The item.</param>
    /// <param name="large">The place of the bytes of a large item.</param>
    public void Write(long position, long start, in ShippedBytes item, LargePlace large)
    {
        bool isLarge = IsLarge(item.Length);
        if (isLarge) *(LargePlace*)(_start + start) = large;
        else item.Bytes.CopyTo(new Span<byte>(_start + start, item.Length));
        _slots[position & _mask] = new ShippedSlot(start, LengthHere(item.Length), item.KindAs(isLarge));
    }

    /// <summary>Reads a slot.</summary>
    /// <param name="position">The slot.</param>
    /// <param name="bytes">The bytes that it names; for a large item, a <see cref="LargePlace"/>.</param>
    /// <exception cref="ChannelCorruptedException">The bytes are not inside the arena.</exception>
    public ShippedSlot Read(long position, out byte* bytes)
    {
        ShippedSlot slot = _slots[position & _mask];
        if (slot.Start < 0 || slot.Start % 8 != 0 || slot.Length < 0 || slot.Start > _size - slot.Length)
            throw new ChannelCorruptedException($"An item of {slot.Length} bytes at {slot.Start} is not inside the arena of {_size} bytes.");
        if (slot.IsLarge && slot.Length != sizeof(LargePlace))
            throw new ChannelCorruptedException($"The place of a large item has {slot.Length} bytes, expected {sizeof(LargePlace)}.");
        bytes = _start + slot.Start;
        return slot;
    }

    private static long SizeOf(int length) => Math.Max(8, (length + 7L) & -8);

    private int LengthHere(int length) => IsLarge(length) ? sizeof(LargePlace) : length;
}
