namespace Samovar.Ipc.Channel;

/// <summary>The bytes of a message, wherever they are: in the ring, or in a segment of their own. Disposing gives the segment back; do that before
/// the record is released.</summary>
internal readonly ref struct OpenMessage
{
    private readonly ReadOnlySpan<byte> _inRing;

    public OpenMessage(ReadOnlySpan<byte> inRing) => _inRing = inRing;

    public OpenMessage(LargeMessage large) => Large = large;

    /// <summary>The segment; null where the bytes are in the ring.</summary>
    public LargeMessage? Large { get; }

    /// <summary>The bytes. They may change under a hostile writer.</summary>
    public ReadOnlySpan<byte> Bytes => Large is { } large ? large.Bytes : _inRing;

    public void Dispose() => Large?.Dispose();
}
