using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CsvHelper;
using Samovar.Cli.Map.Methods;
using Samovar.Cli.Map.Outputs;

namespace Samovar.Cli.Map.Inputs;

/// <summary>Reads CSV with a header. Each record is an item: one column as text, or all columns as a JSON object of strings, in which an empty field
/// is null.</summary>
internal sealed class CsvInput : TextInput
{
    private const int LargestRecord = 256 * 1024 * 1024; // bytes; an unclosed quote would otherwise read the whole file
    private const int LongestComplaint = 1000;

    private readonly CsvReader _csv;
    private readonly string[] _header;
    private readonly string[] _names; // names of the columns in an item's JSON
    private readonly char _separator;
    private readonly int _linesAbove; // a separator hint above the header, which the parser does not see
    private readonly int _column = -1;
    private string? _malformed; // the current record, if its quotes are malformed

    /// <param name="path">A file, or <c>-</c>.</param>
    /// <param name="column">The column that is the item; null for the whole record.</param>
    /// <param name="wantsOne">Whether the method takes a single value, so that the whole record cannot be the item.</param>
    /// <param name="separator">The field separator; null to choose by the file's name and first line.</param>
    /// <exception cref="UsageException">The file cannot be opened, has no such column, or has a malformed header.</exception>
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
            throw new UsageException($"The method takes one value, but {Name} has the columns {Columns()}. Choose one with --column.");
        if (column is null && double.TryParse(_header[0], NumberStyles.Float, CultureInfo.InvariantCulture, out _))
        {
            throw new UsageException(
                $"The first line of {Name} is '{_header[0]}', which does not look like a column name. Add a header line, "
                + $"or read the file with --input-format lines, or confirm the name with --column {_header[0]}.");
        }

        _column = column is null ? 0 : Array.FindIndex(_header, h => h.Equals(column, StringComparison.OrdinalIgnoreCase));
        if (_column < 0) throw new UsageException($"{Name} has no column '{column}'; it has {Columns()}.");
    }

    /// <summary>The names of the columns.</summary>
    public IReadOnlyList<string> Header => _header;

    public override ItemFormat Form => _column >= 0 ? ItemFormat.Text : ItemFormat.Fields;

    /// <summary>Matches columns to properties, ignoring case, spaces, dashes and underscores, and reports columns that match none.</summary>
    /// <param name="type">The type of the method's parameter.</param>
    /// <param name="say">Called with a message about unused columns.</param>
    /// <exception cref="UsageException">No column matches a property.</exception>
    public void FitTo(Type type, Action<string> say)
    {
        JsonTypeInfo json = ValueJson.Fields.GetTypeInfo(type);
        if (json.Kind != JsonTypeInfoKind.Object || json.Properties.Any(p => p.IsExtensionData)) return; // it accepts any column
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
        if (unused.Count == _header.Length)
            throw new UsageException($"No column of {Name} matches a property: the header is {Columns()}, and {has}.");
        if (unused.Count > 0) say($"ignoring columns of {Name} that match no property: {string.Join(", ", unused)}; {has}.");
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
                : fields != _header.Length ? Broken(number, $"it has {fields} fields, but the header has {_header.Length}", line)
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
            long line = _csv.LineNumber + _linesAbove + 1;
            throw new IOException(string.Create(CultureInfo.InvariantCulture,
                $"the record in line {line} exceeds {LargestRecord >> 20} MiB or has an unclosed quote: {e.Message}"), e);
        }
    }

    // The rest of the file is inside the quotes, so continuing after an error would silently skip records.
    private static IOException NeverClosed(long line) => new(string.Create(CultureInfo.InvariantCulture,
        $"the quote opened in line {line} is never closed. Close it; inside a quoted field, write a quote twice."));

    private void CheckHeader()
    {
        CsvQuotes quotes = CsvQuotes.Of(_malformed, _separator);
        if (quotes.IsOpen) throw new UsageException($"The quote opened in the header of {Name} is never closed.");
        if (quotes.HasTextBehind)
            throw new UsageException($"In the header of {Name}, text follows a closing quote, or a quote inside a field is not doubled.");
        if (_header.Length == 0) throw new UsageException($"{Name} has no header line.");
        if (Array.Find(_header, IsUndecodable) is { } broken)
            throw new UsageException($"The column name '{Shown(broken)}' of {Name} is not UTF-8. Convert the file, for example with iconv.");
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
