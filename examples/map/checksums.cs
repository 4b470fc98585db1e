using System.Security.Cryptography;

/// <summary>Computes a checksum and some statistics of a file of any size.</summary>
public static class Checksums
{
    public static FileFacts Of(FileInfo file, CancellationToken stop)
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using FileStream stream = file.OpenRead();
        byte[] buffer = new byte[64 * 1024];
        long lines = 0;
        for (int read; (read = stream.Read(buffer)) > 0;)
        {
            stop.ThrowIfCancellationRequested();
            sha.AppendData(buffer, 0, read);
            lines += buffer.AsSpan(0, read).Count((byte)'\n');
        }

        return new FileFacts(file.FullName, file.Length, lines, Convert.ToHexStringLower(sha.GetHashAndReset()));
    }
}

public record FileFacts(string Path, long Bytes, long Lines, string Sha256);
