namespace Samovar.Ipc.Channel;

/// <summary>The single writer of a <see cref="MessageRing"/>: writes in place, and publishes records singly or in batches.</summary>
/// <remarks>One thread at a time; see the rules at the top of MessageRing.cs.</remarks>
internal sealed unsafe class MessageRingWriter
{
    private readonly byte* _data;
    private readonly int _capacity;
    private readonly int _mask;
    private readonly int _largestPayload;
    private readonly long* _head;
    private long _headSeen;
    private long _position;
    private int _reserved = -1;
    private int _padding;

    // The first record of an unpublished batch, whose length word is held back.
    private uint* _heldWord;
    private uint _heldLength;

    public MessageRingWriter(MessageRing ring)
    {
        _data = ring.Bytes;
        _capacity = ring.Capacity;
        _mask = ring.Capacity - 1;
        _largestPayload = ring.LargestPayload;
        _head = ring.Head;
    }

    /// <summary>The longest payload in bytes that <see cref="TryReserve"/> accepts.</summary>
    public int LargestPayload => _largestPayload;

    /// <summary>The number of bytes written since the ring was created, including headers and padding; grows forever.</summary>
    public long Position => _position;

    /// <summary>For tests: called at each point at which this process may die.</summary>
    internal Action<RingSyncPoint>? SyncPointReached { get; set; }

    /// <summary>
    /// Reserves room for a payload, which is then written in place and completed by <see cref="Commit"/> or <see cref="Abort"/>.
    /// </summary>
    /// <returns>False if the ring has no room.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative or greater than <see cref="LargestPayload"/>.</exception>
    /// <exception cref="InvalidOperationException">The previous reservation is still open.</exception>
    /// <exception cref="ChannelCorruptedException">The reader's position in shared memory is not valid.</exception>
    public bool TryReserve(int length, out Span<byte> payload)
    {
        if ((uint)length > (uint)_largestPayload) throw LengthOutOfRange(length);
        if (_reserved >= 0) throw new InvalidOperationException("The previous reservation was neither committed nor aborted.");

        int size = MessageRing.Align(MessageRing.HeaderSize + length);
        int offset = (int)_position & _mask;
        int rest = _capacity - offset;
        int padding = rest < size ? rest : 0;
        long end = _position + padding + size + MessageRing.HeaderSize;
        if (end - _headSeen > _capacity && end - ReadHead() > _capacity)
        {
            payload = default;
            return false;
        }

        _reserved = length;
        _padding = padding;
        payload = new Span<byte>(_data + ((offset + padding) & _mask) + MessageRing.HeaderSize, length);
        SyncPointReached?.Invoke(RingSyncPoint.Reserved);
        return true;
    }

    /// <summary>Completes the reservation with a record of its first <paramref name="length"/> bytes.</summary>
    /// <param name="length">The length of the payload, at most the reserved length.</param>
    /// <param name="tag">A tag chosen by the sender and passed to the reader.</param>
    /// <param name="kind">What the record contains.</param>
    /// <param name="publish">False to hold the record back until <see cref="Publish"/>, for a batch.</param>
    public void Commit(int length, ushort tag, RingRecordKind kind = RingRecordKind.Message, bool publish = true)
    {
        if (_reserved < 0) throw new InvalidOperationException("Nothing is reserved.");
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, _reserved);

        if (_padding > 0) Append((uint)_padding, RingRecordKind.Padding, 0, _padding);

        int total = MessageRing.HeaderSize + length;
        Append((uint)total, kind, tag, MessageRing.Align(total));
        *(uint*)(_data + ((int)_position & _mask)) = 0;
        _reserved = -1;
        _padding = 0;
        SyncPointReached?.Invoke(RingSyncPoint.Closed);
        if (publish) Publish();
    }

    /// <summary>Abandons the reservation; the reader never sees anything of it.</summary>
    public void Abort()
    {
        _reserved = -1;
        _padding = 0;
    }

    /// <summary>
    /// Makes all committed records visible. Has no effect if no record is held back. The caller rings the doorbell.
    /// </summary>
    public void Publish()
    {
        if (_heldWord == null) return;

        Volatile.Write(ref *_heldWord, _heldLength); // SYNC: record published
        _heldWord = null;
        SyncPointReached?.Invoke(RingSyncPoint.Published);
    }

    /// <summary>Copies a whole message into the ring, and publishes it.</summary>
    /// <returns>False if the ring has no room.</returns>
    public bool TryWrite(ReadOnlySpan<byte> payload, ushort tag, RingRecordKind kind = RingRecordKind.Message, bool publish = true)
    {
        if (!TryReserve(payload.Length, out Span<byte> place)) return false;

        payload.CopyTo(place);
        Commit(payload.Length, tag, kind, publish);
        return true;
    }

    /// <summary>Reads the reader's position. The bytes before it are free again.</summary>
    /// <exception cref="ChannelCorruptedException">The position moved backwards, or past what was written.</exception>
    public long ReadHead()
    {
        long head = Volatile.Read(ref *_head); // SYNC: space freed
        if (head < _headSeen || head > _position)
        {
            throw new ChannelCorruptedException(
                $"The reader's position is {head}; it was {_headSeen}, and {_position} bytes were written. The peer has overwritten it.");
        }

        _headSeen = head;
        return head;
    }

    private void Append(uint length, RingRecordKind kind, ushort tag, int size)
    {
        byte* record = _data + ((int)_position & _mask);
        *(ushort*)(record + 4) = (ushort)kind;
        *(ushort*)(record + 6) = tag;
        if (_heldWord == null)
        {
            _heldWord = (uint*)record;
            _heldLength = length;
        }
        else
        {
            *(uint*)record = length;
        }

        _position += size;
    }

    private ArgumentOutOfRangeException LengthOutOfRange(int length) => new(nameof(length), length,
        $"A payload in a ring of {_capacity} bytes has 0 to {_largestPayload} bytes; longer payloads need a segment of their own.");
}
