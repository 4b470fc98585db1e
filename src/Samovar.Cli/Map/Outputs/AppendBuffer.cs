using System.Buffers;
using System.Text;

namespace Samovar.Cli.Map.Outputs;

/// <summary>Bytes for the end of a file or a pipe, gathered until they are written in one piece. One thread at a time.</summary>
internal sealed class AppendBuffer : IBufferWriter<byte>
{
    private readonly Stream _stream;
    private readonly ArrayBufferWriter<byte> _pending = new(64 * 1024);
    private long _written;

    /// <param name="name">For errors.</param>
    /// <param name="stream">Positioned at its end; unbuffered.</param>
    /// <param name="length">What is in it already.</param>
    public AppendBuffer(string name, Stream stream, long length)
    {
        Name = name;
        _stream = stream;
        _written = length;
    }

    public string Name { get; }

    /// <summary>Where the next byte goes, once all that is pending is written.</summary>
    public long Length => _written + _pending.WrittenCount;

    public int Pending => _pending.WrittenCount;

    public void Append(ReadOnlySpan<char> text) => Encoding.UTF8.GetBytes(text, _pending);

    public void Append(ReadOnlySpan<byte> bytes) => _pending.Write(bytes);

    public void Advance(int count) => _pending.Advance(count);

    public Memory<byte> GetMemory(int sizeHint = 0) => _pending.GetMemory(sizeHint);

    public Span<byte> GetSpan(int sizeHint = 0) => _pending.GetSpan(sizeHint);

    /// <exception cref="OutputLostException">It cannot be written.</exception>
    public void Flush()
    {
        if (_pending.WrittenCount == 0) return;
        try
        {
            _stream.Write(_pending.WrittenSpan);
        }
        // A file that would become larger than it may (EFBIG) comes as an argument out of range.
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException or ArgumentOutOfRangeException)
        {
            throw new OutputLostException(Name, e);
        }

        _written += _pending.WrittenCount;
        _pending.ResetWrittenCount();
    }

    public void Close() => _stream.Dispose();
}
