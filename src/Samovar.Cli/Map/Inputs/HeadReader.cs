using System.Text;

namespace Samovar.Cli.Map.Inputs;

/// <summary>Reads a text, and can look ahead at its first line.</summary>
/// <param name="text">The text, at its beginning.</param>
internal sealed class HeadReader(TextReader text) : TextReader
{
    private string _head = "";
    private int _given;

    /// <summary>Returns the first line without its terminator. It can still be read. Call at most once, before any read.</summary>
    public string ReadHead()
    {
        var line = new StringBuilder();
        int end = 0;
        while (text.Read() is var c and >= 0)
        {
            line.Append((char)c);
            if (c is not ('\n' or '\r')) continue;
            end = 1;
            if (c == '\r' && text.Read() is var next and >= 0)
            {
                line.Append((char)next);
                if (next == '\n') end = 2;
                else return Split(line, line.Length - 2); // one character of the second line has been read too
            }

            break;
        }

        return Split(line, line.Length - end);
    }

    /// <summary>Skips the line that was read ahead.</summary>
    /// <param name="line">What <see cref="ReadHead"/> returned.</param>
    public void SkipHead(string line) => _given = Math.Min(_head.Length, line.Length + (_head.AsSpan(line.Length).StartsWith("\r\n") ? 2 : 1));

    public override int Read() => _given < _head.Length ? _head[_given++] : text.Read();

    public override int Peek() => _given < _head.Length ? _head[_given] : text.Peek();

    public override int Read(char[] buffer, int index, int count) => Read(buffer.AsSpan(index, count));

    public override int Read(Span<char> buffer)
    {
        if (_given >= _head.Length) return text.Read(buffer);
        int count = Math.Min(buffer.Length, _head.Length - _given);
        _head.AsSpan(_given, count).CopyTo(buffer);
        _given += count;
        return count;
    }

    private string Split(StringBuilder read, int length)
    {
        _head = read.ToString();
        return _head[..length];
    }
}
