using System.Text.Json;
using CsvHelper;
using Samovar.Cli.Map.Inputs;

namespace Samovar.Cli.Map.Outputs;

/// <summary>Writes results as CSV: a column for each property of the result, or a single column for the whole result.</summary>
internal sealed class CsvResults : MethodResults
{
    public const char Comma = ',';
    public const char Tab = '\t';

    private const string Whole = "result"; // the single column of results without properties

    private readonly MemoryStream _record = new();
    private readonly CsvWriter _csv;
    private IReadOnlyList<string>? _columns;

    public CsvResults(AppendBuffer output, bool withInput, IReadOnlyList<string>? columns, char separator)
        : base(output, withInput)
    {
        _columns = columns;
        _csv = CsvWriter.Create(_record, new CsvWriterOptions { NewLine = "\n", Separator = separator }, leaveOpen: true);
    }

    /// <summary>Reads the columns from the header that an earlier run has written; returns null if it is not written yet.</summary>
    public static IReadOnlyList<string>? ColumnsOf(string? path, bool withInput, char separator)
    {
        if (!File.Exists(path) || new FileInfo(path).Length == 0) return null;
        using var text = new StreamReader(path);
        using CsvReader csv = CsvReader.Create(text, new CsvReaderOptions { Separator = separator }, leaveOpen: true);
        csv.ReadHeader();
        string[] columns = [.. (csv.Headers ?? []).Skip(withInput ? 1 : 0)];
        return columns is [Whole] ? [] : columns;
    }

    protected override string? Write(in InputItem item, string result)
    {
        using JsonDocument json = JsonDocument.Parse(result);
        JsonElement value = json.RootElement;
        IReadOnlyList<string> columns = _columns ?? (value.ValueKind == JsonValueKind.Object ? [.. value.EnumerateObject().Select(p => p.Name)] : []);
        if (columns.Count > 0 && Misfit(value, columns) is { } misfit) return misfit;

        _columns = columns;
        if (Output.Length == 0) WriteHeader();
        if (WithInput) _csv.WriteField(item.Text);
        if (columns.Count == 0) _csv.WriteField(Field(value));
        foreach (string column in columns)
            _csv.WriteField(value.ValueKind == JsonValueKind.Object && value.TryGetProperty(column, out JsonElement field) ? Field(field) : "");
        EndRecord();
        return null;
    }

    // The header cannot change once it is written.
    private static string? Misfit(JsonElement value, IReadOnlyList<string> columns)
    {
        const string WayOut = "use --format jsonl for results with different properties";
        if (value.ValueKind == JsonValueKind.Null) return null;
        if (value.ValueKind != JsonValueKind.Object)
            return $"the result {TextFormat.Short(value.GetRawText())} does not fit the columns {string.Join(", ", columns)}; {WayOut}";
        foreach (JsonProperty property in value.EnumerateObject())
        {
            if (!columns.Contains(property.Name, StringComparer.Ordinal))
                return $"the result has the property '{property.Name}', which is not among the columns {string.Join(", ", columns)}; {WayOut}";
        }

        return null;
    }

    private void WriteHeader()
    {
        if (WithInput) _csv.WriteField("input");
        foreach (string column in _columns is { Count: > 0 } columns ? columns : [Whole]) _csv.WriteField(column);
        EndRecord();
    }

    private void EndRecord()
    {
        _csv.EndRecord();
        _csv.Flush();
        Output.Append(_record.GetBuffer().AsSpan(0, (int)_record.Length));
        _record.SetLength(0);
    }

    private static string Field(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Null => "",
        _ => value.GetRawText(),
    };
}
