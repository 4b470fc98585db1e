using System.Runtime.InteropServices;
using Samovar.Ipc.Platform;

namespace Samovar.Ipc.Channel;

/// <summary>
/// Sends messages that are too long for a ring, each in a segment of its own that lives until the reader has passed its record.
/// </summary>
/// <remarks>Used by the thread that uses the ring's writer: one thread at a time.</remarks>
internal sealed unsafe class LargeMessageSender : IDisposable
{
    private readonly ChannelPlatform _platform;
    private readonly MessageRingWriter _ring;
    private readonly Queue<SentSegment> _unread = new();

    public LargeMessageSender(ChannelPlatform platform, MessageRingWriter ring)
    {
        _platform = platform;
        _ring = ring;
    }

    /// <summary>The number of segments whose record the reader has not passed, as far as is known.</summary>
    public int Unread => _unread.Count;

    /// <summary>Creates a segment into which a message is written in place. Dispose it if it is not sent.</summary>
    /// <exception cref="IOException">No descriptor, memory or disk space is left.</exception>
    public SharedSegment CreateSegment(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        Reclaim();
        return _platform.CreateSegment(length);
    }

    /// <summary>Sends a segment, which this sender owns from then on.</summary>
    /// <returns>False if the ring has no room; the caller still owns the segment.</returns>
    public bool TryWrite(SharedSegment segment, ushort tag, bool publish = true)
    {
        _ring.SyncPointReached?.Invoke(RingSyncPoint.LargeFilled);
        var reference = new LargeMessage.Reference(segment.Address.Number, segment.Length);
        ReadOnlySpan<byte> record = MemoryMarshal.AsBytes(new ReadOnlySpan<LargeMessage.Reference>(in reference));
        if (!_ring.TryWrite(record, tag, RingRecordKind.Large, publish)) return false;

        _unread.Enqueue(new SentSegment(_ring.Position, segment));
        return true;
    }

    /// <summary>
    /// Closes the segments whose records the reader has passed. Called when a result arrives: their memory is free already, their descriptors are
    /// not.
    /// </summary>
    public void Reclaim()
    {
        if (_unread.Count == 0) return;

        long head = _ring.ReadHead();
        while (_unread.TryPeek(out SentSegment? oldest) && oldest.End <= head)
        {
            _unread.Dequeue();
            oldest.Segment.Dispose();
        }
    }

    /// <summary>Closes all segments.</summary>
    public void Dispose()
    {
        while (_unread.TryDequeue(out SentSegment? item)) item.Segment.Dispose();
    }

    /// <summary>A segment, until the reader has passed the end of its record.</summary>
    private sealed record SentSegment(long End, SharedSegment Segment);
}
