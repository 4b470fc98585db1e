using Samovar.Cli.Map.Methods;

namespace Samovar.Cli.Map.Inputs;

/// <summary>A line is an item.</summary>
internal sealed class LineInput(string path) : TextInput(path)
{
    public override IEnumerable<InputItem> Read()
    {
        long line = 0;
        while (Reader.ReadLine() is { } text)
        {
            line++;
            yield return Item(line, text, line);
            NotePosition(line);
        }

        NoteEnd();
    }
}

/// <summary>A line with a JSON value is an item; blank lines are none.</summary>
internal sealed class JsonLinesInput(string path) : TextInput(path)
{
    public override ItemForm Form => ItemForm.Json;

    public override IEnumerable<InputItem> Read()
    {
        long line = 0, number = 0;
        while (Reader.ReadLine() is { } text)
        {
            line++;
            if (!string.IsNullOrWhiteSpace(text)) yield return Item(++number, text.Trim(), line);
            NotePosition(line);
        }

        NoteEnd();
    }
}
