using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using Samovar.Cluster.Protocol;

namespace Samovar.Cluster.Programs;

/// <summary>Writes and reads a package: the length of its manifest (4 bytes, little-endian), the manifest, and the contents of its files in the order of
/// the manifest, all compressed with Deflate.</summary>
internal static class PackageStream
{
    private const int BufferSize = 128 * 1024;
    private const int LongestManifest = 32 << 20;

    /// <summary>Writes a package.</summary>
    /// <param name="manifest">The manifest, as bytes.</param>
    /// <param name="files">The files of the manifest with their paths on this machine.</param>
    /// <param name="output">Where the package is written.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="IOException">A file cannot be read, or has changed since the manifest was made.</exception>
    public static async Task WriteAsync(ReadOnlyMemory<byte> manifest, IEnumerable<(PackageFile File, string Path)> files, Stream output, CancellationToken cancellationToken)
    {
        var compressed = new DeflateStream(output, CompressionLevel.Fastest, leaveOpen: true);
        await using (compressed.ConfigureAwait(false))
        {
            byte[] length = new byte[sizeof(int)];
            BinaryPrimitives.WriteInt32LittleEndian(length, manifest.Length);
            await compressed.WriteAsync(length, cancellationToken).ConfigureAwait(false);
            await compressed.WriteAsync(manifest, cancellationToken).ConfigureAwait(false);
            foreach (var (file, path) in files)
            {
                var content = OpenRead(path);
                await using (content.ConfigureAwait(false))
                {
                    if (!await CopyAsync(content, compressed, file, cancellationToken).ConfigureAwait(false))
                        throw new IOException($"File {path} has changed while the program runs. Start the program again.");
                }
            }
        }
    }

    /// <summary>Reads a package into a folder.</summary>
    /// <param name="input">The package.</param>
    /// <param name="hash">The hash of the manifest that is expected. Nothing is written if the manifest has another one.</param>
    /// <param name="folder">The folder, which exists and is empty.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The manifest, as bytes.</returns>
    /// <exception cref="InvalidDataException">The package is not the expected one.</exception>
    /// <exception cref="MessageFormatException">The manifest is not valid.</exception>
    /// <exception cref="IOException">The package ends too early, or a file cannot be written.</exception>
    public static async Task<byte[]> ReadAsync(Stream input, ReadOnlyMemory<byte> hash, string folder, CancellationToken cancellationToken)
    {
        var content = new DeflateStream(input, CompressionMode.Decompress, leaveOpen: true);
        await using (content.ConfigureAwait(false))
        {
            byte[] length = new byte[sizeof(int)];
            await content.ReadExactlyAsync(length, cancellationToken).ConfigureAwait(false);
            int size = BinaryPrimitives.ReadInt32LittleEndian(length);
            if (size is < 0 or > LongestManifest) throw new InvalidDataException($"The package is altered: its manifest has {size} bytes.");
            byte[] manifest = new byte[size];
            await content.ReadExactlyAsync(manifest, cancellationToken).ConfigureAwait(false);
            if (!CryptographicOperations.FixedTimeEquals(PackageManifest.HashOf(manifest), hash.Span))
                throw new InvalidDataException("The package is altered: its manifest is not the one that the executor has signed.");
            foreach (var file in PackageManifest.Read(manifest).Files)
            {
                string path = Path.Combine(folder, file.Name);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                var output = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, useAsync: true);
                await using (output.ConfigureAwait(false))
                {
                    if (!await CopyAsync(content, output, file, cancellationToken).ConfigureAwait(false))
                        throw new InvalidDataException($"The package is altered: its file '{file.Name}' is not the one of its manifest.");
                }
            }

            return manifest;
        }
    }

    /// <summary>Returns the SHA-256 and the length of a file.</summary>
    public static (byte[] Hash, long Length) HashOf(string path)
    {
        using var content = OpenRead(path);
        byte[] hash = SHA256.HashData(content);
        return (hash, content.Position);
    }

    private static FileStream OpenRead(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0, useAsync: false);

    /// <summary>Copies as many bytes as the file has; returns whether they are those of the file.</summary>
    private static async Task<bool> CopyAsync(Stream from, Stream to, PackageFile file, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            long left = file.Length;
            while (left > 0)
            {
                int read = await from.ReadAsync(buffer.AsMemory(0, (int)Math.Min(left, buffer.Length)), cancellationToken).ConfigureAwait(false);
                if (read == 0) return false;
                hash.AppendData(buffer, 0, read);
                await to.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
                left -= read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return CryptographicOperations.FixedTimeEquals(hash.GetHashAndReset(), file.Hash.Span);
    }
}
