using System.Runtime.InteropServices;
using Samovar.Executors.Mapping;
using Samovar.Ipc.Channel;
using Samovar.Serialization;

namespace Samovar.Processes.Protocol;

/// <summary>The data that follows the header in a record that is written.</summary>
internal interface IRecordBody
{
    /// <summary>The length in bytes.</summary>
    int Length { get; }

    /// <summary>Writes the bytes.</summary>
    /// <param name="place">The destination, of <see cref="Length"/> bytes.</param>
    void CopyTo(Span<byte> place);
}

/// <summary>Bytes that are copied unchanged.</summary>
internal readonly ref struct BytesBody(ReadOnlySpan<byte> bytes) : IRecordBody
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public int Length => _bytes.Length;

    public void CopyTo(Span<byte> place) => _bytes.CopyTo(place);
}

/// <summary>A message, followed by the handles of the shared objects in it.</summary>
internal readonly ref struct MessageBody(ShippedBody message, ReadOnlySpan<byte> handles) : IRecordBody
{
    private readonly ShippedBody _message = message;
    private readonly ReadOnlySpan<byte> _handles = handles;

    public int Length => checked(_message.Length + _handles.Length);

    public void CopyTo(Span<byte> place)
    {
        _message.CopyTo(place);
        _handles.CopyTo(place[(place.Length - _handles.Length)..]);
    }
}

/// <summary>An <see cref="ItemBlock"/>: the entries in the journal, an optional further entry, the slowest item if it is known, and the handles of its
/// shared objects.</summary>
internal readonly ref struct ItemBlockBody(ItemJournal journal, LastEntry last, SlowestOfChunk slowest, ReadOnlySpan<byte> handles) : IRecordBody
{
    private readonly ItemJournal _journal = journal;
    private readonly LastEntry _last = last;
    private readonly SlowestOfChunk _slowest = slowest;
    private readonly ReadOnlySpan<byte> _handles = handles;

    public int Length => checked(ItemBlock.HeaderSize + _journal.Entries.Length + _last.Length + _slowest.Length + _handles.Length);

    public void CopyTo(Span<byte> place)
    {
        MemoryMarshal.Write(place, _journal.Sent);
        MemoryMarshal.Write(place[sizeof(int)..], _journal.Ended - _journal.Sent + (_last.Length > 0 ? 1 : 0));
        place = place[ItemBlock.HeaderSize..];
        _journal.Entries.CopyTo(place);
        place = place[_journal.Entries.Length..];
        _last.CopyTo(place);
        place = place[_last.Length..];
        _slowest.CopyTo(place);
        _handles.CopyTo(place[_slowest.Length..]);
    }
}

/// <summary>An <see cref="ItemEntry"/> that is written directly into a record; the default value means no entry.</summary>
internal readonly ref struct LastEntry
{
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly ShippedBody _message;
    private readonly int _head;
    private readonly bool _isMessage;

    public LastEntry(ReadOnlySpan<byte> bytes)
    {
        _bytes = bytes;
        _head = bytes.Length;
        Length = ItemEntry.HeadSize + bytes.Length;
    }

    public LastEntry(ShippedBody message, bool isError)
    {
        _message = message;
        _isMessage = true;
        _head = isError ? ItemEntry.ErrorHead(message.Length) : message.Length;
        Length = ItemEntry.HeadSize + message.Length;
    }

    /// <summary>The length in bytes, including the head; 0 if there is no entry.</summary>
    public int Length { get; }

    public void CopyTo(Span<byte> place)
    {
        if (Length == 0) return;
        MemoryMarshal.Write(place, _head);
        var payload = place.Slice(ItemEntry.HeadSize, Length - ItemEntry.HeadSize);
        if (_isMessage) _message.CopyTo(payload);
        else _bytes.CopyTo(payload);
    }
}
