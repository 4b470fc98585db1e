using System.Text;
using Samovar.RabbitMQ.Consuming;

namespace Samovar.RabbitMQ.Blobs;

/// <summary>A part of a blob.</summary>
/// <param name="Tag">The tag of its delivery.</param>
/// <param name="Offset">Its place in the stream.</param>
/// <param name="Number">Its number in the blob.</param>
/// <param name="Length">The length of the blob.</param>
/// <param name="Hash">The SHA-256 of the blob.</param>
/// <param name="Content">The content.</param>
internal sealed record Chunk(ulong Tag, long Offset, long Number, long Length, string Hash, ReadOnlyMemory<byte> Content)
{
    public static Chunk Read(QueueMessage message) => new(
        message.Tag,
        Number64(message, BlobFormat.OffsetHeader),
        Number64(message, BlobFormat.NumberHeader),
        Number64(message, BlobFormat.LengthHeader),
        message.Properties.Headers?.TryGetValue(BlobFormat.HashHeader, out object? hash) == true && hash is byte[] text ? Encoding.ASCII.GetString(text) : "",
        message.Body.ToArray());

    // -1 matches no chunk: a message that is no chunk is skipped.
    private static long Number64(QueueMessage message, string header) =>
        message.Properties.Headers?.TryGetValue(header, out object? value) == true && value is long number ? number : -1;
}
