using System.Globalization;
using System.Text;
using Samovar.Cli.Map.Methods;

namespace Samovar.Cli.Map.Inputs;

/// <summary>Reads JSON over any number of lines. The items are the elements of a single array, or else the consecutive values of the file.</summary>
/// <remarks>The file is read as a stream. Only strings and brackets are parsed here, to find the end of a value; the type of the method's
/// parameter determines how it is read. Whitespace outside strings becomes one space, so that an item is one line.</remarks>
internal sealed class JsonInput(string path) : TextInput(path)
{
    private readonly char[] _buffer = new char[16 * 1024];
    private int _next;
    private int _filled;
    private long _line = 1;

    public override ItemFormat Form => ItemFormat.Json;

    public override IEnumerable<InputItem> Read()
    {
        if (Skip() == '[')
        {
            long opened = _line;
            Take();
            long number = 0;
            bool isFirst = true;
            while (Skip() != ']' || !isFirst)
            {
                long line = _line;
                string text = Value(isElement: true, opened);
                number++;
                yield return text.Length > 0
                    ? Item(number, text, line)
                    : new InputItem(number, "there is no value between the commas", line, IsBroken: true);
                NotePosition(number);
                if (Take() == ']') break;
                isFirst = false;
            }

            if (isFirst && Peek() == ']') Take();
            if (Skip() >= 0)
                throw new IOException(Invariant($"line {_line} has more text after the array. If each line is a value, add --input-format jsonl."));
        }
        else
        {
            for (long number = 1; Skip() >= 0; number++)
            {
                long line = _line;
                yield return Item(number, Value(isElement: false, line), line);
                NotePosition(number);
            }
        }

        NoteEnd();
    }

    // Reads up to the comma or bracket after an element, or to the end of a value outside an array.
    private string Value(bool isElement, long opened)
    {
        var text = new StringBuilder();
        int depth = 0;
        while (true)
        {
            int c = Peek();
            if (c < 0)
            {
                if (depth > 0 || isElement) throw new IOException(Invariant($"the array or object opened in line {opened} is never closed."));
                return text.ToString();
            }

            if (IsSpace(c))
            {
                if (depth == 0 && !isElement) return text.ToString();
                Skip();
                if (depth > 0 || Peek() is not (',' or ']')) text.Append(' ');
                continue;
            }

            if (depth == 0 && isElement && c is ',' or ']') return text.ToString();
            if (depth == 0 && c is '{' or '[') opened = _line;
            text.Append((char)Take());
            if (c == '"') TakeString(text);
            else if (c is '{' or '[') depth++;
            else if (c is '}' or ']') depth--;
            if (depth <= 0 && !isElement && c is '"' or '}' or ']') return text.ToString();
        }
    }

    private void TakeString(StringBuilder text)
    {
        long opened = _line;
        while (true)
        {
            int c = Take();
            if (c is < 0 or '\n') throw new IOException(Invariant($"the string opened in line {opened} is never closed."));
            text.Append((char)c);
            if (c == '"') return;
            if (c == '\\' && Peek() is not (< 0 or '\n')) text.Append((char)Take());
        }
    }

    private int Skip()
    {
        while (IsSpace(Peek())) Take();
        return Peek();
    }

    private int Take()
    {
        int c = Peek();
        if (c == '\n') _line++;
        if (c >= 0) _next++;
        return c;
    }

    private int Peek()
    {
        if (_next < _filled) return _buffer[_next];
        _next = 0;
        _filled = Reader.Read(_buffer, 0, _buffer.Length);
        return _filled > 0 ? _buffer[0] : -1;
    }

    private static bool IsSpace(int c) => c is ' ' or '\t' or '\r' or '\n';

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
