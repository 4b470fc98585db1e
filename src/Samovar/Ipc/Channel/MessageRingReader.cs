namespace Samovar.Ipc.Channel;

/// <summary>The one reader of a <see cref="MessageRing"/>: sees payloads in place, gives space back in batches.</summary>
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

    /// <summary>Bytes read since the ring was made, headers and padding included.</summary>
    public long Position => _position;

    /// <summary>Called at each point between which this process may die; for tests.</summary>
    internal Action<RingSyncPoint>? SyncPointReached { get; set; }

    /// <summary>
    /// Whether <see cref="TryRead"/> would find a record (or a corrupt one). Cheap; may be asked by the reading thread only.
    /// </summary>
    public bool HasRecord => Volatile.Read(ref *(uint*)(_data + ((int)_position & _mask))) != 0; // SYNC: record published

    /// <summary>Takes the next message. Its payload stays valid until <see cref="Release"/>.</summary>
    /// <returns>False where nothing more is published.</returns>
    /// <exception cref="ChannelCorruptedException">The record is not one that a sound writer makes.</exception>
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
                throw BadRecord("length (it overruns records not yet given back)", length, offset);

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

    /// <summary>Gives the space of every message read so far back to the writer; their payloads are no longer valid.</summary>
    public void Release()
    {
        if (_released == _position) return;

        _released = _position;
        Volatile.Write(ref *_head, _position); // SYNC: space given back
        SyncPointReached?.Invoke(RingSyncPoint.Released);
    }

    private ChannelCorruptedException BadRecord(string field, long found, int offset) => new(
        $"The record at offset {offset} of a ring of {_capacity} bytes has an impossible {field}: {found}. " +
        $"Read so far: {_position} bytes, given back: {_released}.");
}
