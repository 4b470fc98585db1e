namespace Samovar.Cluster.Protocol;

/// <summary>Work that tasks of a message share: the delegate of a map with everything that it captured.</summary>
/// <param name="Number">The number, from 1, unique within the owner.</param>
/// <param name="RefersToAll">Whether the tasks may refer to each object in it, and not only to the delegate.</param>
/// <param name="Body">The work, as the owner serialized it; empty if it is a blob.</param>
internal sealed record SharedBody(int Number, bool RefersToAll, ReadOnlyMemory<byte> Body)
{
    /// <summary>The smallest size in bytes.</summary>
    public const int LeastSize = (2 * sizeof(int)) + 1;

    private const byte RefersToAllFlag = 1;
    private const byte IsBlobFlag = 2;

    /// <summary>The blob that the work is; null if it is in the message.</summary>
    public BlobReference? Blob { get; init; }

    public static SharedBody Read(ref MessageReader reader)
    {
        int number = reader.Int32();
        byte flags = reader.Byte();
        bool isBlob = (flags & IsBlobFlag) != 0;
        return new SharedBody(number, (flags & RefersToAllFlag) != 0, isBlob ? default : reader.Bytes()) { Blob = isBlob ? BlobReference.Read(ref reader) : null };
    }

    public void Write(MessageWriter writer)
    {
        writer.Int32(Number).Byte((byte)((RefersToAll ? RefersToAllFlag : 0) | (Blob is null ? 0 : IsBlobFlag)));
        if (Blob is null) writer.Bytes(Body.Span);
        else Blob.Write(writer);
    }
}
