namespace Samovar.Ipc.Channel;

/// <summary>A message seen in place. Valid until the reader releases it; its bytes may change under a hostile writer.</summary>
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
