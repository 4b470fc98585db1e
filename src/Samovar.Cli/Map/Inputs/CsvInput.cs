using System.Buffers;
using System.Text;
using System.Text.Json;
using CsvHelper;
using Samovar.Cli.Map.Methods;

namespace Samovar.Cli.Map.Inputs;

/// <summary>A record of CSV with a header is an item: one column as text, or all as a JSON object of text, an empty field as null.</summary>
internal sealed class CsvInput : TextInput
{
    private readonly CsvReader _csv;
    private readonly string[] _header;
    private readonly int _column = -1;

    /// <param name="path">A file, or <c>-</c>.</param>
    /// <param name="column">The column that is the item; null for the whole record.</param>
    /// <param name="wantsOne">Whether the method takes one word, so that the whole record cannot be it.</param>
    /// <exception cref="MistakeException">It cannot be opened, or has no such column.</exception>
    public CsvInput(string path, string? column, bool wantsOne)
        : base(path)
    {
        bool hasTabs = Path.GetExtension(path).Equals(".tsv", StringComparison.OrdinalIgnoreCase);
        try
        {
            _csv = CsvReader.Create(Reader, new CsvReaderOptions { Separator = hasTabs ? '\t' : ',', TrackLineNumbers = true }, leaveOpen: true);
            _csv.ReadHeader();
            _header = [.. _csv.Headers ?? []];
        }
        catch (Exception e) when (e is FormatException or IOException or InvalidOperationException)
        {
            throw new MistakeException($"The header of {Name} cannot be read: {e.Message}");
        }

        if (_header.Length == 0) throw new MistakeException($"{Name} has no header line.");
        if (_header.GroupBy(h => h, StringComparer.OrdinalIgnoreCase).FirstOrDefault(g => g.Count() > 1) is { Key: var twice })
            throw new MistakeException($"{Name} has the column '{twice}' more than once. Rename one in its header line.");
        if (column is null && !wantsOne) return;
        if (column is null && _header.Length > 1)
            throw new MistakeException($"The method takes one value and {Name} has the columns {Columns()}: choose one with --column.");
        _column = column is null ? 0 : Array.FindIndex(_header, h => h.Equals(column, StringComparison.OrdinalIgnoreCase));
        if (_column < 0) throw new MistakeException($"{Name} has no column '{column}'; it has {Columns()}.");
    }

    public override ItemForm Form => _column >= 0 ? ItemForm.Text : ItemForm.Fields;

    public override IEnumerable<InputItem> Read()
    {
        long number = 0;
        while (_csv.Read())
        {
            number++;
            NotePosition(number);
            long line = _csv.LineNumber;
            int fields = _csv.FieldCount;
            yield return fields != _header.Length
                ? new InputItem(number, $"{fields} fields where the header has {_header.Length}: {Encoding.UTF8.GetString(_csv.RawRecord)}", line, IsBroken: true)
                : Item(number, _column >= 0 ? _csv.GetString(_column) : Record(), line);
        }

        NoteEnd();
    }

    private string Record()
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Encoder = ValueJson.Writing.Encoder }))
        {
            json.WriteStartObject();
            for (int i = 0; i < _header.Length; i++)
            {
                if (_csv.IsEmpty(i)) json.WriteNull(_header[i]);
                else json.WriteString(_header[i], _csv.GetString(i));
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    private string Columns() => string.Join(", ", _header);
}
