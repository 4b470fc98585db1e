using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CsvHelper;
using Samovar.Cli.Map.Methods;
using Samovar.Cli.Map.Outputs;

namespace Samovar.Cli.Map.Inputs;

/// <summary>A record of CSV with a header is an item: one column as text, or all as a JSON object of text, an empty field as null.</summary>
internal sealed class CsvInput : TextInput
{
    private const int LargestRecord = 256 * 1024 * 1024; // bytes; an open quote would take the whole file
    private const int LongestComplaint = 1000;

    private readonly CsvReader _csv;
    private readonly string[] _header;
    private readonly string[] _names; // what the columns are called in an item
    private readonly char _separator;
    private readonly int _linesAbove; // the header: that the parser does not see
    private readonly int _column = -1;
    private string? _malformed; // the record at hand, where something is wrong with its quotes

    /// <param name="path">A file, or <c>-</c>.</param>
    /// <param name="column">The column that is the item; null for the whole record.</param>
    /// <param name="wantsOne">Whether the method takes one word, so that the whole record cannot be it.</param>
    /// <param name="separator">What separates the fields; null for what the file's name and its first line say.</param>
    /// <exception cref="UsageException">It cannot be opened, has no such column, or no header that can be understood.</exception>
    public CsvInput(string path, string? column, bool wantsOne, char? separator = null)
        : base(path)
    {
        try
        {
            var text = new HeadReader(Reader);
            string head = text.ReadHead();
            if (Separators.IsHint(head, out char hinted))
            {
                text.SkipHead(head);
                _linesAbove = 1;
                separator ??= hinted;
            }

            bool hasTabs = Path.GetExtension(path).Equals(".tsv", StringComparison.OrdinalIgnoreCase);
            _separator = separator ?? (hasTabs ? '\t' : Separators.Of(head, Name));
            _csv = CsvReader.Create(text, new CsvReaderOptions
            {
                Separator = _separator,
                TrackLineNumbers = true,
                MaxRecordSize = LargestRecord,
                OnMalformedRecord = record => _malformed = record.RawRecord,
            }, leaveOpen: true);
            _csv.ReadHeader();
            _header = [.. _csv.Headers ?? []];
        }
        catch (Exception e) when (e is FormatException or IOException or InvalidOperationException)
        {
            throw new UsageException($"The header of {Name} cannot be read: {e.Message}");
        }

        _names = [.. _header];
        CheckHeader();
        if (column is null && !wantsOne) return;
        if (column is null && _header.Length > 1)
            throw new UsageException($"The method takes one value and {Name} has the columns {Columns()}: choose one with --column.");
        if (column is null && double.TryParse(_header[0], NumberStyles.Float, CultureInfo.InvariantCulture, out _))
        {
            throw new UsageException(
                $"The first line of {Name} is '{_header[0]}', where the name of a column belongs. Write a header above it, read it with --input-format lines, or confirm it with --column {_header[0]}.");
        }

        _column = column is null ? 0 : Array.FindIndex(_header, h => h.Equals(column, StringComparison.OrdinalIgnoreCase));
        if (_column < 0) throw new UsageException($"{Name} has no column '{column}'; it has {Columns()}.");
    }

    public override ItemFormat Form => _column >= 0 ? ItemFormat.Text : ItemFormat.Fields;

    /// <summary>Finds the property that each column fills, also where they differ in spaces, dashes and underscores, and reports columns that fill none.</summary>
    /// <param name="type">What the method takes.</param>
    /// <param name="say">Gets a line about the columns that are not used.</param>
    /// <exception cref="UsageException">No column fills any property.</exception>
    public void FitTo(Type type, Action<string> say)
    {
        JsonTypeInfo json = ValueJson.Fields.GetTypeInfo(type);
        if (json.Kind != JsonTypeInfoKind.Object || json.Properties.Any(p => p.IsExtensionData)) return; // it takes any column
        string[] properties = [.. json.Properties.Where(p => p.Set is not null || p.AssociatedParameter is not null).Select(p => p.Name)];
        List<string> unused = [];
        for (int i = 0; i < _header.Length; i++)
        {
            string column = _header[i];
            if (properties.Contains(column, StringComparer.OrdinalIgnoreCase)) continue;
            string? near = Array.Find(properties, p => Letters(p) == Letters(column) && !_names.Contains(p, StringComparer.OrdinalIgnoreCase));
            if (near is null) unused.Add(column);
            else _names[i] = near;
        }

        string has = $"{TypeText.Of(type)} has {string.Join(", ", properties)}";
        if (unused.Count == _header.Length) throw new UsageException($"No column of {Name} fills a property: the header is {Columns()}, and {has}.");
        if (unused.Count > 0) say($"of {Name} these columns fill no property and are left out: {string.Join(", ", unused)}; {has}.");
    }

    public override IEnumerable<InputItem> Read()
    {
        long number = 0;
        while (Next())
        {
            number++;
            NotePosition(number);
            long line = _csv.LineNumber + _linesAbove;
            CsvQuotes quotes = CsvQuotes.Of(_malformed, _separator);
            if (quotes.IsOpen) throw NeverClosed(line + quotes.LinesBefore);
            int fields = _csv.FieldCount;
            yield return quotes.HasTextBehind ? Broken(number, "text follows a closing quote, or a quote inside a field is not doubled", line)
                : fields != _header.Length ? Broken(number, $"{fields} fields where the header has {_header.Length}", line)
                : _column >= 0 ? Item(number, _csv.GetString(_column), line)
                : Record(number, line);
        }

        NoteEnd();
    }

    private bool Next()
    {
        _malformed = null;
        try
        {
            return _csv.Read();
        }
        catch (CsvFormatException e)
        {
            throw new IOException(string.Create(CultureInfo.InvariantCulture,
                $"the record in line {_csv.LineNumber + _linesAbove + 1} is longer than {LargestRecord >> 20} MiB, or a quote in it is never closed ({e.Message})"), e);
        }
    }

    // All that follows is inside the quotes: there are no items to speak of, so that none may be passed over.
    private static IOException NeverClosed(long line) => new(string.Create(CultureInfo.InvariantCulture,
        $"the quote opened in line {line} is never closed. Close it; a quote that is part of a field is written twice, inside quotes."));

    private void CheckHeader()
    {
        CsvQuotes quotes = CsvQuotes.Of(_malformed, _separator);
        if (quotes.IsOpen) throw new UsageException($"The quote opened in the header of {Name} is never closed.");
        if (quotes.HasTextBehind) throw new UsageException($"In the header of {Name} text follows a closing quote, or a quote inside a field is not doubled.");
        if (_header.Length == 0) throw new UsageException($"{Name} has no header line.");
        if (Array.Find(_header, IsUndecodable) is { } broken)
            throw new UsageException($"The column '{Shown(broken)}' of {Name} is not UTF-8. Convert the file, with iconv for example.");
        if (_header.GroupBy(h => h, StringComparer.OrdinalIgnoreCase).FirstOrDefault(g => g.Count() > 1) is { Key: var twice })
            throw new UsageException($"{Name} has the column '{twice}' more than once. Rename one in its header line.");
    }

    private InputItem Broken(long number, string complaint, long line) =>
        new(number, $"{complaint}: {Shown(TextFormat.Short(Encoding.UTF8.GetString(_csv.RawRecord), LongestComplaint))}", line, IsBroken: true);

    private InputItem Record(long number, long line)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Encoder = ValueJson.Writing.Encoder }))
        {
            json.WriteStartObject();
            for (int i = 0; i < _header.Length; i++)
            {
                if (_csv.IsEmpty(i))
                {
                    json.WriteNull(_names[i]);
                    continue;
                }

                string field = _csv.GetString(i);
                if (IsUndecodable(field)) return Item(number, field, line);
                json.WriteString(_names[i], field);
            }

            json.WriteEndObject();
        }

        return new InputItem(number, Encoding.UTF8.GetString(bytes.WrittenSpan), line);
    }

    private static string Letters(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToUpperInvariant();

    private string Columns() => string.Join(", ", _header);
}
