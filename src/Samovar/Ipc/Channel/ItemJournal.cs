using System.Runtime.CompilerServices;

namespace Samovar.Ipc.Channel;

/// <summary>Where a worker writes down how far it is with the items of a batch, and what they have brought, so that it survives the
/// worker. See <see cref="ItemJournalHeader"/> for the order of the stores.</summary>
/// <remarks>Used by the worker's main thread alone.</remarks>
internal sealed unsafe class ItemJournal(byte* start, int length)
{
    private readonly byte* _entries = start + ItemJournalHeader.HeaderSize;
    private readonly int _capacity = length - ItemJournalHeader.HeaderSize;
    private int _ended;
    private int _sent;
    private int _length;

    /// <summary>Items that are in the result ring.</summary>
    public int Sent => _sent;

    /// <summary>Items that have ended.</summary>
    public int Ended => _ended;

    /// <summary>What the items after those in the ring have brought.</summary>
    public ReadOnlySpan<byte> Entries => new(_entries, _length);

    /// <summary>Bytes that one entry may have, its head included.</summary>
    public int Capacity => _capacity;

    private ItemJournalHeader* Header => (ItemJournalHeader*)start;

    /// <summary>Begins a batch.</summary>
    public void Open(ItemTicket ticket)
    {
        _ended = _sent = _length = 0;
        var header = Header;
        Volatile.Write(ref header->Begun, 0);
        Volatile.Write(ref header->Ended, 0);
        Volatile.Write(ref header->Sent, 0);
        Volatile.Write(ref header->Slot, ticket.Slot);
        Volatile.Write(ref header->Generation, ticket.Generation);
    }

    /// <summary>The next item begins.</summary>
    public void Begin() => Volatile.Write(ref Header->Begun, _ended + 1);

    /// <summary>Keeps the result of the item that has begun. False: there is no room, or it is of a type that needs a message.</summary>
    public bool TryKeep<T>(T value)
    {
        if (ItemForm<T>.IsBytes)
        {
            int size = ItemForm<T>.Size;
            if (_length + ItemEntry.HeadSize + size > _capacity) return false;
            byte* entry = _entries + _length;
            Unsafe.WriteUnaligned(entry, size);
            Unsafe.WriteUnaligned(entry + ItemEntry.HeadSize, value);
            Kept(ItemEntry.HeadSize + size);
            return true;
        }

        return ItemForm<T>.IsText && TryKeepText(Unsafe.As<T, string?>(ref value));
    }

    /// <summary>Room for the payload of an entry; false where it does not fit.</summary>
    public bool TryReserve(int length, out Span<byte> payload)
    {
        if (length > _capacity - _length - ItemEntry.HeadSize)
        {
            payload = default;
            return false;
        }

        payload = new Span<byte>(_entries + _length + ItemEntry.HeadSize, length);
        return true;
    }

    /// <summary>The payload is written: the item has ended.</summary>
    public void Commit(int length, bool isError)
    {
        Unsafe.WriteUnaligned(_entries + _length, isError ? ItemEntry.ErrorHead(length) : length);
        Kept(ItemEntry.HeadSize + length);
    }

    /// <summary>What is kept here has been published in the result ring.</summary>
    public void WasSent()
    {
        _sent = _ended;
        _length = 0;
        Volatile.Write(ref Header->Sent, _sent);
    }

    /// <summary>The item that has begun was published in the result ring with what it has brought, and all that is kept here before it.</summary>
    public void EndedInRing()
    {
        _sent = ++_ended;
        _length = 0;
        Volatile.Write(ref Header->Sent, _sent);
        Volatile.Write(ref Header->Ended, _ended);
    }

    private bool TryKeepText(string? text)
    {
        var bytes = ItemEntry.PayloadOf(text);
        if (!TryReserve(bytes.Length, out var payload)) return false;
        bytes.CopyTo(payload);
        Commit(bytes.Length, isError: false);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Kept(int length)
    {
        _length += length;
        Volatile.Write(ref Header->Ended, ++_ended);
    }
}
