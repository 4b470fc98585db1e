using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Samovar.Cluster.Protocol;

/// <summary>Names a blob in a message. The message is signed and has the hash, so it authenticates the content of the blob, which is not signed.</summary>
/// <param name="Key">The key of the blob. It is random: it cannot be guessed, and deleting the blob of one task never affects another one.</param>
/// <param name="Length">The length in bytes.</param>
/// <param name="Hash">The SHA-256 of the content.</param>
internal sealed record BlobReference(string Key, int Length, ReadOnlyMemory<byte> Hash)
{
    /// <summary>Creates the reference to content that is to be stored.</summary>
    /// <param name="kind">What it is, for an operator of the broker.</param>
    /// <param name="content">The content.</param>
    public static BlobReference Of(string kind, ReadOnlySpan<byte> content) =>
        new($"{kind}-{RandomNumberGenerator.GetHexString(32, lowercase: true)}", content.Length, SHA256.HashData(content));

    public static BlobReference Read(ref MessageReader reader)
    {
        string key = reader.Text();
        int length = reader.Int32();
        if (length is < 0 or > PayloadLimits.Largest) throw new MessageFormatException($"Blob '{key}' has a length of {length} bytes.");
        return new BlobReference(key, length, reader.Raw(SHA256.HashSizeInBytes));
    }

    public void Write(MessageWriter writer) => writer.Text(Key).Int32(Length).Raw(Hash.Span);

    /// <summary>Stores the content.</summary>
    public async Task PutAsync(ClusterConnection connection, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        _ = MemoryMarshal.TryGetArray(content, out var bytes); // both sides serialize into arrays
        using var stream = new MemoryStream(bytes.Array!, bytes.Offset, bytes.Count, writable: false);
        await connection.PutBlobAsync(Key, stream, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Fetches the content, and checks it.</summary>
    /// <exception cref="IOException">The blob does not exist, is incomplete, or is not the content that the reference was created from.</exception>
    public async Task<byte[]> FetchAsync(ClusterConnection connection, CancellationToken cancellationToken)
    {
        var blob = await connection.OpenBlobAsync(Key, cancellationToken).ConfigureAwait(false)
            ?? throw new IOException($"Blob '{Key}' does not exist. It was deleted, or has expired.");
        await using (blob.ConfigureAwait(false))
        {
            byte[] content = GC.AllocateUninitializedArray<byte>(Length);
            int received = await blob.ReadAtLeastAsync(content, Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            if (received < Length || await blob.ReadAsync(new byte[1], cancellationToken).ConfigureAwait(false) > 0)
                throw new IOException(string.Create(CultureInfo.InvariantCulture, $"Blob '{Key}' was altered: it has {(received < Length ? "fewer" : "more")} than {Length:N0} bytes."));
            if (!SHA256.HashData(content).AsSpan().SequenceEqual(Hash.Span)) throw new IOException($"Blob '{Key}' was altered: its SHA-256 is not that of its message.");
            return content;
        }
    }
}
