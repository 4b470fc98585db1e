using System.Runtime.CompilerServices;

namespace Samovar.Ipc.Channel;

/// <summary>Records a worker's progress with the items of a batch, and their results, so that they survive the worker. See
/// <see cref="ItemJournalHeader"/> for the order of the stores.</summary>
/// <remarks>Used by the worker's main thread alone.</remarks>
internal sealed unsafe class ItemJournal(byte* start, int length)
{
    private readonly byte* _entries = start + ItemJournalHeader.HeaderSize;
    private readonly int _capacity = length - ItemJournalHeader.HeaderSize;
    private int _ended;
    private int _sent;
    private int _length;

    /// <summary>The number of items whose results are in the result ring.</summary>
    public int Sent => _sent;

    /// <summary>The number of items that have completed.</summary>
    public int Ended => _ended;

    /// <summary>The results of the items after those in the ring.</summary>
    public ReadOnlySpan<byte> Entries => new(_entries, _length);

    /// <summary>The largest size of an entry in bytes, including its head.</summary>
    public int Capacity => _capacity;

    private ItemJournalHeader* Header => (ItemJournalHeader*)start;

    /// <summary>Starts a batch.</summary>
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

    /// <summary>Records that the next item starts.</summary>
    public void Begin() => Volatile.Write(ref Header->Begun, _ended + 1);

    /// <summary>Keeps the result of the item that is running. Returns false if there is no room, or the type needs a message.</summary>
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

    /// <summary>Gets room for the payload of an entry; returns false if it does not fit.</summary>
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

    /// <summary>Records that the payload is written and the item has completed.</summary>
    public void Commit(int length, bool isError)
    {
        Unsafe.WriteUnaligned(_entries + _length, isError ? ItemEntry.ErrorHead(length) : length);
        Kept(ItemEntry.HeadSize + length);
    }

    /// <summary>Records that the results kept here were published in the result ring.</summary>
    public void WasSent()
    {
        _sent = _ended;
        _length = 0;
        Volatile.Write(ref Header->Sent, _sent);
    }

    /// <summary>Records that the result of the running item was published in the result ring, after all results kept here before it.</summary>
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
