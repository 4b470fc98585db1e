namespace Samovar.Ipc.Channel;

/// <summary>The single reader of a <see cref="MessageRing"/>: reads payloads in place, and frees space in batches.</summary>
/// <remarks>One thread at a time; see the rules at the top of MessageRing.cs.</remarks>
internal sealed unsafe class MessageRingReader
{
    private readonly byte* _data;
    private readonly int _capacity;
    private readonly int _mask;
    private readonly int _largestRecord;
    private readonly long* _head;
    private long _position;
    private long _released;

    public MessageRingReader(MessageRing ring)
    {
        _data = ring.Bytes;
        _capacity = ring.Capacity;
        _mask = ring.Capacity - 1;
        _largestRecord = ring.LargestRecord;
        _head = ring.Head;
    }

    /// <summary>The number of bytes read since the ring was created, including headers and padding.</summary>
    public long Position => _position;

    /// <summary>For tests: called at each point at which this process may die.</summary>
    internal Action<RingSyncPoint>? SyncPointReached { get; set; }

    /// <summary>
    /// Whether <see cref="TryRead"/> would find a record, or a corrupted one. Cheap; for the reading thread only.
    /// </summary>
    public bool HasRecord => Volatile.Read(ref *(uint*)(_data + ((int)_position & _mask))) != 0; // SYNC: record published

    /// <summary>Reads the next message. Its payload stays valid until <see cref="Release"/>.</summary>
    /// <returns>False if no more messages are published.</returns>
    /// <exception cref="ChannelCorruptedException">No correct writer writes such a record.</exception>
    public bool TryRead(out RingMessage message)
    {
        while (true)
        {
            int offset = (int)_position & _mask;
            byte* record = _data + offset;
            uint length = Volatile.Read(ref *(uint*)record); // SYNC: record published
            if (length == 0)
            {
                message = default;
                return false;
            }

            int rest = _capacity - offset;
            var kind = (RingRecordKind)(*(ushort*)(record + 4));
            ushort tag = *(ushort*)(record + 6);
            if (length < MessageRing.HeaderSize || length > _largestRecord || MessageRing.Align((int)length) > rest)
                throw BadRecord("length", length, offset);
            int size = MessageRing.Align((int)length);
            if (_position + size - _released > _capacity - MessageRing.HeaderSize)
                throw BadRecord("length (it overruns records that are not released)", length, offset);

            _position += size;
            switch (kind)
            {
                case RingRecordKind.Padding when size == rest && rest < _largestRecord:
                    continue;
                case RingRecordKind.Message or RingRecordKind.Large:
                    message = new RingMessage(
                        new ReadOnlySpan<byte>(record + MessageRing.HeaderSize, (int)length - MessageRing.HeaderSize), tag, kind);
                    SyncPointReached?.Invoke(RingSyncPoint.Seen);
                    return true;
                default:
                    throw BadRecord("kind", (ushort)kind, offset);
            }
        }
    }

    /// <summary>Frees the space of all messages read so far for the writer; their payloads are no longer valid.</summary>
    public void Release()
    {
        if (_released == _position) return;

        _released = _position;
        Volatile.Write(ref *_head, _position); // SYNC: space freed
        SyncPointReached?.Invoke(RingSyncPoint.Released);
    }

    private ChannelCorruptedException BadRecord(string field, long found, int offset) => new(
        $"The record at offset {offset} of a ring of {_capacity} bytes has an impossible {field}: {found}. " +
        $"Bytes read so far: {_position}, released: {_released}.");
}
