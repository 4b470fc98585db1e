using Samovar.Cli.Map.Methods;

namespace Samovar.Cli.Map.Inputs;

/// <summary>Reads lines; each line is an item.</summary>
/// <param name="path">A file, or <c>-</c>.</param>
/// <param name="isJson">Whether the method parses its values as JSON, so that a line must be a complete value.</param>
internal sealed class LineInput(string path, bool isJson) : TextInput(path)
{
    public override IEnumerable<InputItem> Read()
    {
        long line = 0;
        var lines = new PieceReader(Reader, '\n');
        while (lines.Read() is { } text)
        {
            line++;
            if (line == 1 && isJson) RefuseHalfAValue(text);
            yield return Item(line, text, line);
            NotePosition(line);
        }

        NoteEnd();
    }
}

/// <summary>Reads items that are terminated by NUL, as <c>find -print0</c> writes them. Line breaks are part of an item.</summary>
internal sealed class NulInput(string path) : TextInput(path)
{
    public override IEnumerable<InputItem> Read()
    {
        long number = 0;
        var pieces = new PieceReader(Reader, '\0');
        while (pieces.Read() is { } text)
        {
            yield return Item(++number, text, line: 0);
            NotePosition(number);
        }

        NoteEnd();
    }
}

/// <summary>Reads JSON Lines; each line with a JSON value is an item, and blank lines are skipped.</summary>
internal sealed class JsonLinesInput(string path) : TextInput(path)
{
    public override ItemFormat Form => ItemFormat.Json;

    public override IEnumerable<InputItem> Read()
    {
        long line = 0, number = 0;
        var lines = new PieceReader(Reader, '\n');
        while (lines.Read() is { } text)
        {
            line++;
            NotePosition(line);
            if (string.IsNullOrWhiteSpace(text)) continue;
            if (number == 0) RefuseHalfAValue(text);
            yield return Item(++number, text.Trim(), line);
        }

        NoteEnd();
    }
}
