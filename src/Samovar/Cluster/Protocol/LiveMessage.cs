namespace Samovar.Cluster.Protocol;

/// <summary>A message between the two ends of a live value in the work of a task.</summary>
/// <param name="Key">The attempt.</param>
/// <param name="Number">The position among the messages of the attempt in this direction, from 0: a receiver ignores what it has received.</param>
/// <param name="Port">The port that both ends have.</param>
/// <param name="Packed">The message, as <see cref="Serialization.Shipping.Pack"/> wrote it.</param>
internal sealed record LiveMessage(TaskKey Key, int Number, long Port, ReadOnlyMemory<byte> Packed)
{
    public static LiveMessage Read(ReadOnlyMemory<byte> body)
    {
        var reader = new MessageReader(body);
        return new LiveMessage(TaskKey.Read(ref reader), reader.Int32(), reader.Int64(), reader.Bytes());
    }

    public MessageWriter Write()
    {
        var writer = new MessageWriter(Packed.Length + 32);
        Key.Write(writer);
        return writer.Int32(Number).Int64(Port).Bytes(Packed.Span);
    }
}
