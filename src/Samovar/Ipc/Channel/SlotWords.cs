namespace Samovar.Ipc.Channel;

/// <summary>The words on which parent and worker compete for an item: the state in the low three bits, the generation above.</summary>
internal readonly unsafe struct SlotWords
{
    private const int StateBits = 3;
    private const ulong StateMask = (1 << StateBits) - 1;

    private readonly byte* _start;

    public SlotWords(byte* start, int count)
    {
        _start = start;
        Count = count;
    }

    public int Count { get; }

    public static ulong Pack(ulong generation, ItemSlotState state) => (generation << StateBits) | (ulong)state;

    public static ulong Generation(ulong word) => word >> StateBits;

    public static ItemSlotState State(ulong word) => (ItemSlotState)(word & StateMask);

    public ref ulong this[int slot] => ref *(ulong*)At(slot);

    /// <summary>The time at which the worker started the item in the slot, by its monotonic clock.</summary>
    public ref long StartOf(int slot) => ref *(long*)(At(slot) + sizeof(ulong));

    private byte* At(int slot)
    {
        if ((uint)slot >= (uint)Count)
            throw new ChannelCorruptedException($"Slot {slot} does not exist; the channel has {Count}.");

        return _start + ((long)slot * ChannelHeader.SlotStride);
    }
}
