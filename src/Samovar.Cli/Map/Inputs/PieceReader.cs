using System.Text;

namespace Samovar.Cli.Map.Inputs;

/// <summary>Reads pieces of text that are terminated by one character: lines, which a carriage return alone does not terminate, or NUL-terminated
/// strings.</summary>
/// <param name="text">The text.</param>
/// <param name="end">The terminator; the last piece may lack it.</param>
internal sealed class PieceReader(TextReader text, char end)
{
    private readonly char[] _buffer = new char[16 * 1024];
    private readonly StringBuilder _begun = new(); // the part of a piece that was in earlier buffers
    private int _next;
    private int _filled;

    /// <summary>Reads the next piece, without its terminator; returns null at the end.</summary>
    public string? Read()
    {
        while (true)
        {
            ReadOnlySpan<char> rest = _buffer.AsSpan(_next, _filled - _next);
            int length = rest.IndexOf(end);
            if (length >= 0)
            {
                _next += length + 1;
                return Whole(rest[..length], isEnded: true);
            }

            _begun.Append(rest);
            _next = 0;
            _filled = text.Read(_buffer, 0, _buffer.Length);
            if (_filled <= 0) return _begun.Length > 0 ? Whole([], isEnded: false) : null;
        }
    }

    private string Whole(ReadOnlySpan<char> last, bool isEnded)
    {
        bool mayHaveReturn = isEnded && end == '\n'; // Windows line endings
        if (_begun.Length == 0) return (mayHaveReturn && last is [.., '\r'] ? last[..^1] : last).ToString();
        _begun.Append(last);
        if (mayHaveReturn && _begun[^1] == '\r') _begun.Length--;
        string piece = _begun.ToString();
        _begun.Clear();
        return piece;
    }
}
