using System.Buffers.Binary;

namespace Samovar.Cluster.Protocol;

/// <summary>The outcome of an attempt in a <see cref="ResultsMessage"/>.</summary>
/// <param name="Key">The attempt.</param>
/// <param name="Status">How it ended.</param>
/// <param name="Worker">The number of the worker within its node; 0 if none ran it.</param>
/// <param name="ProcessId">The worker's process on the node's machine; 0 if none ran it.</param>
/// <param name="Elapsed">How long it ran.</param>
/// <param name="Payload">A <see cref="ResultPayload"/>, or what the status says; empty for none.</param>
internal sealed record ResultEntry(TaskKey Key, ResultStatus Status, int Worker, int ProcessId, TimeSpan Elapsed, ReadOnlyMemory<byte> Payload)
{
    /// <summary>The smallest size in bytes.</summary>
    public const int LeastSize = TaskKey.Size + 2 + (3 * sizeof(int)) + sizeof(long);

    /// <summary>The blob that the payload is; null if it is in the message.</summary>
    public BlobReference? Blob { get; init; }

    /// <summary>The claim of a dropped attempt; 0 if it was not claimed.</summary>
    public long DroppedClaim => Payload.Length == sizeof(long) ? BinaryPrimitives.ReadInt64LittleEndian(Payload.Span) : 0;

    public static ResultEntry Dropped(TaskKey key, long claim)
    {
        byte[] payload = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(payload, claim);
        return new ResultEntry(key, ResultStatus.Dropped, 0, 0, TimeSpan.Zero, payload);
    }

    public static ResultEntry Read(ref MessageReader reader)
    {
        var key = TaskKey.Read(ref reader);
        byte status = reader.Byte();
        if (status > (byte)ResultStatus.Unhosted) throw new MessageFormatException($"The result of task {key.Id} has status {status}, which does not exist.");
        bool isBlob = reader.Byte() != 0;
        return new ResultEntry(
            key, (ResultStatus)status, reader.Int32(), reader.Int32(), TimeSpan.FromTicks(Math.Max(0, reader.Int64())), isBlob ? default : reader.Bytes())
        {
            Blob = isBlob ? BlobReference.Read(ref reader) : null,
        };
    }

    public void Write(MessageWriter writer)
    {
        Key.Write(writer);
        writer.Byte((byte)Status).Byte(Blob is null ? (byte)0 : (byte)1).Int32(Worker).Int32(ProcessId).Int64(Elapsed.Ticks);
        if (Blob is null) writer.Bytes(Payload.Span);
        else Blob.Write(writer);
    }
}
