namespace Samovar.Cluster.Protocol;

/// <summary>Work that tasks of a message share: the delegate of a map with everything that it captured.</summary>
/// <param name="Number">The number, from 1, unique within the owner.</param>
/// <param name="RefersToAll">Whether the tasks may refer to each object in it, and not only to the delegate.</param>
/// <param name="Body">The work, as the owner serialized it.</param>
internal sealed record SharedBody(int Number, bool RefersToAll, ReadOnlyMemory<byte> Body)
{
    /// <summary>The smallest size in bytes.</summary>
    public const int LeastSize = (2 * sizeof(int)) + 1;

    public static SharedBody Read(ref MessageReader reader) => new(reader.Int32(), reader.Byte() != 0, reader.Bytes());

    public void Write(MessageWriter writer) => writer.Int32(Number).Byte(RefersToAll ? (byte)1 : (byte)0).Bytes(Body.Span);
}
