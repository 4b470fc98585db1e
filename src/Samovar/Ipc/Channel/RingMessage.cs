namespace Samovar.Ipc.Channel;

/// <summary>A message that is read in place, valid until the reader releases it. A hostile writer can change the bytes at any time.</summary>
internal readonly ref struct RingMessage
{
    public RingMessage(ReadOnlySpan<byte> payload, ushort tag, RingRecordKind kind)
    {
        Payload = payload;
        Tag = tag;
        Kind = kind;
    }

    public ReadOnlySpan<byte> Payload { get; }

    public ushort Tag { get; }

    public RingRecordKind Kind { get; }
}
