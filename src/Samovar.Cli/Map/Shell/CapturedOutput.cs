namespace Samovar.Cli.Map.Shell;

/// <summary>What a command wrote to stdout or stderr: the beginning in memory, and the rest, if it is long, in a file without a name.</summary>
internal sealed class CapturedOutput(byte[] bytes, FileStream? rest) : IDisposable
{
    [NonSerialized]
    private readonly FileStream? _rest = rest; // always null on the nodes of a cluster

    public static CapturedOutput Empty { get; } = new([], null);

    public bool IsEmpty => bytes.Length == 0; // the file has only what does not fit into the array

    /// <summary>Gets the number of bytes.</summary>
    public long Length => bytes.Length + (_rest?.Length ?? 0);

    /// <summary>Returns the same output without a file.</summary>
    public CapturedOutput InMemory()
    {
        if (_rest is null) return this;
        using var whole = new MemoryStream(checked((int)Length));
        CopyTo(whole.Write);
        return new CapturedOutput(whole.GetBuffer(), null);
    }

    /// <summary>Returns the same output, with a long one in a file, if that can be written.</summary>
    public CapturedOutput InFile()
    {
        if (bytes.Length <= OutputCapture.InMemory) return this;
        var capture = new OutputCapture(mayUseFile: true);
        try
        {
            capture.Append(bytes);
            return capture.Take();
        }
        catch (IOException)
        {
            capture.Clear();
            return this; // it is complete in memory
        }
    }

    /// <summary>Passes on all bytes, in pieces.</summary>
    public void CopyTo(SpanAction write)
    {
        write(bytes);
        if (_rest is null) return;
        byte[] buffer = new byte[64 * 1024];
        _rest.Position = 0;
        while (_rest.Read(buffer) is var count and > 0) write(buffer.AsSpan(0, count));
    }

    public void Dispose() => _rest?.Dispose();

    /// <summary>Takes a piece of output.</summary>
    public delegate void SpanAction(ReadOnlySpan<byte> piece);
}
