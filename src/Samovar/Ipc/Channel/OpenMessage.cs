namespace Samovar.Ipc.Channel;

/// <summary>The bytes of a message, in the ring or in a segment of their own. Disposing it releases the segment, which has to happen before the
/// record is released.</summary>
internal readonly ref struct OpenMessage
{
    private readonly ReadOnlySpan<byte> _inRing;

    public OpenMessage(ReadOnlySpan<byte> inRing) => _inRing = inRing;

    public OpenMessage(LargeMessage large) => Large = large;

    /// <summary>The segment; null if the bytes are in the ring.</summary>
    public LargeMessage? Large { get; }

    /// <summary>The bytes. A hostile writer can change them at any time.</summary>
    public ReadOnlySpan<byte> Bytes => Large is { } large ? large.Bytes : _inRing;

    public void Dispose() => Large?.Dispose();
}
