using System.Buffers;
using System.Text;

namespace Samovar.Cli.Map.Outputs;

/// <summary>Buffers bytes to be appended to a file or a pipe in one write. Not thread-safe.</summary>
internal sealed class AppendBuffer : IBufferWriter<byte>
{
    private readonly Stream _stream;
    private readonly ArrayBufferWriter<byte> _pending = new(64 * 1024);
    private long _written;

    /// <param name="name">The name for error messages.</param>
    /// <param name="stream">The stream, positioned at its end; unbuffered.</param>
    /// <param name="length">The number of bytes that the stream already has.</param>
    public AppendBuffer(string name, Stream stream, long length)
    {
        Name = name;
        _stream = stream;
        _written = length;
    }

    public string Name { get; }

    /// <summary>Gets the length of the stream including the pending bytes.</summary>
    public long Length => _written + _pending.WrittenCount;

    public int Pending => _pending.WrittenCount;

    public void Append(ReadOnlySpan<char> text) => Encoding.UTF8.GetBytes(text, _pending);

    public void Append(ReadOnlySpan<byte> bytes) => _pending.Write(bytes);

    public void Advance(int count) => _pending.Advance(count);

    public Memory<byte> GetMemory(int sizeHint = 0) => _pending.GetMemory(sizeHint);

    public Span<byte> GetSpan(int sizeHint = 0) => _pending.GetSpan(sizeHint);

    /// <exception cref="OutputLostException">The bytes cannot be written.</exception>
    public void Flush()
    {
        if (_pending.WrittenCount == 0) return;
        try
        {
            _stream.Write(_pending.WrittenSpan);
        }
        // The framework reports a file that would exceed the size limit (EFBIG) as ArgumentOutOfRangeException.
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException or ArgumentOutOfRangeException)
        {
            throw new OutputLostException(Name, e);
        }

        _written += _pending.WrittenCount;
        _pending.ResetWrittenCount();
    }

    public void Close() => _stream.Dispose();
}
