using System.Globalization;

namespace Samovar.Cli.Map.Shell;

/// <summary>Collects what a command writes to one of its streams. Not thread-safe.</summary>
/// <param name="mayUseFile">Whether a long output continues in a file. Otherwise, as on a node of a cluster, its length is limited.</param>
internal sealed class OutputCapture(bool mayUseFile)
{
    /// <summary>The number of bytes in memory; an item that waits for its turn keeps at most this.</summary>
    public const int InMemory = 64 * 1024;

    /// <summary>The maximum length on a node of a cluster, in bytes.</summary>
    public const int LargestOnNode = 64 * 1024 * 1024;

    private byte[] _bytes = [];
    private int _count;
    private FileStream? _rest;

    /// <exception cref="IOException">The file cannot be written, or the output is too long.</exception>
    public void Append(ReadOnlySpan<byte> piece)
    {
        if (!mayUseFile && _count + (long)piece.Length > LargestOnNode)
        {
            throw new IOException(string.Create(CultureInfo.InvariantCulture,
                $"it wrote more than {LargestOnNode >> 20} MiB, which is the most that a node returns. Write it to a file that this machine can read."));
        }

        int fits = mayUseFile ? Math.Min(piece.Length, InMemory - _count) : piece.Length;
        if (fits > 0)
        {
            if (_bytes.Length - _count < fits) Array.Resize(ref _bytes, Math.Max(_count + fits, Math.Min(_bytes.Length * 2, mayUseFile ? InMemory : LargestOnNode)));
            piece[..fits].CopyTo(_bytes.AsSpan(_count));
            _count += fits;
        }

        if (fits == piece.Length) return;
        _rest ??= TemporaryFile();
        _rest.Write(piece[fits..]);
    }

    /// <summary>Returns the output, and starts again with an empty one.</summary>
    public CapturedOutput Take()
    {
        if (_count == 0) return CapturedOutput.Empty;
        var output = new CapturedOutput(_count == _bytes.Length ? _bytes : _bytes[.._count], _rest);
        (_bytes, _count, _rest) = ([], 0, null);
        return output;
    }

    /// <summary>Discards the output.</summary>
    public void Clear() => Take().Dispose();

    // A file whose name is removed at once, so that none is left behind however the tool exits. Windows removes it when it is closed.
    private static FileStream TemporaryFile()
    {
        string path = Path.Combine(Path.GetTempPath(), $"samovar-output-{Guid.NewGuid():N}");
        var file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, OperatingSystem.IsWindows() ? FileOptions.DeleteOnClose : FileOptions.None);
        if (!OperatingSystem.IsWindows()) File.Delete(path);
        return file;
    }
}
