using Samovar.Ipc;

namespace Samovar.Processes;

/// <summary>A record as its reader has it: in the ring, or in a segment that is open until this is disposed.</summary>
internal readonly ref struct OpenRecord
{
    private readonly LargeMessage? _large;

    /// <param name="message">What is in the ring.</param>
    /// <param name="large">The segment that it leads to; null where it is the record itself.</param>
    public OpenRecord(RingMessage message, LargeMessage? large)
    {
        Tag = (RecordTag)message.Tag;
        Bytes = large is null ? message.Payload : large.Bytes;
        _large = large;
    }

    public RecordTag Tag { get; }

    public ReadOnlySpan<byte> Bytes { get; }

    public void Dispose() => _large?.Dispose();
}
