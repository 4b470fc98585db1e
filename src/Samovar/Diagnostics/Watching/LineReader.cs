namespace Samovar.Diagnostics.Watching;

/// <summary>Reads lines from a stream. Not thread-safe.</summary>
/// <param name="stream">The stream.</param>
/// <param name="longest">The longest line, in bytes.</param>
internal sealed class LineReader(Stream stream, int longest = LineReader.Longest)
{
    /// <summary>The longest request.</summary>
    public const int Longest = 64 * 1024;

    private readonly byte[] _buffer = new byte[longest];
    private int _start;
    private int _end;

    /// <summary>Reads the next line, without its end. Returns false at the end of the stream.</summary>
    /// <param name="line">The line, valid until the next call.</param>
    /// <exception cref="InvalidDataException">The line is too long.</exception>
    /// <exception cref="IOException">The stream failed.</exception>
    public bool TryRead(out ReadOnlyMemory<byte> line)
    {
        int searched = _start;
        while (true)
        {
            int end = _buffer.AsSpan(searched, _end - searched).IndexOf((byte)'\n');
            if (end >= 0)
            {
                line = _buffer.AsMemory(_start, searched + end - _start);
                _start = searched + end + 1;
                return true;
            }

            searched = _end - _start;
            _buffer.AsSpan(_start, searched).CopyTo(_buffer);
            (_start, _end) = (0, searched);
            if (_end == _buffer.Length) throw new InvalidDataException($"A line is longer than {_buffer.Length} bytes.");
            int read = stream.Read(_buffer, _end, _buffer.Length - _end);
            if (read == 0)
            {
                line = default;
                return false;
            }

            _end += read;
        }
    }
}
