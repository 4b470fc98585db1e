using Samovar.Cli.Map.Inputs;
using Samovar.Cli.Map.Methods;

namespace Samovar.Cli.Map;

/// <summary>Creates the input that a request names.</summary>
internal static class InputChoice
{
    /// <param name="request">The request.</param>
    /// <param name="item">The type of the method's parameter; null for a command, which takes text or a record.</param>
    /// <param name="say">Called with a message about what the run leaves out.</param>
    /// <exception cref="UsageException">The request names no input or several, or the input cannot be read.</exception>
    public static ItemInput Make(MapRequest request, Type? item, Action<string> say)
    {
        string[] named =
        [
            .. request.Arguments is null ? (string[])[] : ["items after --"],
            .. request.Input is null ? (string[])[] : ["--input"],
            .. request.Files.Count == 0 ? (string[])[] : ["--files"],
            .. request.Range is null ? (string[])[] : ["--range"],
        ];
        if (named.Length > 1) throw new UsageException($"Several inputs are given: {string.Join(" and ", named)}. Use only one.");
        if (named is [var other] && other != "--input")
        {
            if (request.InputFormat is not null) throw new UsageException($"--input-format applies to --input or a pipe, not to {other}.");
            if (request.Column is not null) throw new UsageException($"--column applies to CSV, not to {other}.");
            if (request.Separator is not null) throw new UsageException($"--separator applies to CSV, not to {other}.");
            if (request.EndsWithNul) throw new UsageException($"--null applies to --input or a pipe, not to {other}.");
        }

        if (request.Arguments is not null) return new ListInput("arguments", request.Arguments);
        if (request.Range is { } range)
        {
            return RangeInput.TryParse(range) ?? throw new UsageException(
                $"'{range}' is not a valid range. Write 1..100, or 0..100..5 for every fifth number; numbers may be up to {RangeInput.Largest}.");
        }

        if (request.Files.Count > 0) return Files(request, say);
        if (request.NamesNoInput && !Console.IsInputRedirected)
        {
            throw new UsageException(
                "No input is given. Use --input FILE, --files 'GLOB', --range 1..100 or items after --, or pipe lines in.");
        }

        return Text(request, request.Input ?? "-", item, say);
    }

    private static ListInput Files(MapRequest request, Action<string> say)
    {
        // Files that the run writes are not items: they do not exist at first, and would later shift the numbers of the other items.
        string[] own = [.. from path in (string?[])[request.Output, request.JobLog] where path is not null select Path.GetFullPath(path)];
        var leftOut = new List<string>();
        IReadOnlyList<string> files = FileSearch.Find(request.Files, own, say, leftOut);
        return files.Count > 0 ? new ListInput(string.Join(' ', request.Files), files, isKnownByText: true, leftOut)
            : leftOut.Count > 0 ? throw new UsageException($"No matching file can be an item: {string.Join("; ", leftOut.Take(3))}.")
            : throw new UsageException($"No file matches {string.Join(" or ", request.Files.Select(f => $"'{f}'"))}.");
    }

    private static TextInput Text(MapRequest request, string path, Type? item, Action<string> say)
    {
        bool wantsOne = item is null || ItemParsers.IsScalar(item);
        string format = request.InputFormat ?? Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".jsonl" or ".ndjson" => "jsonl",
            ".json" => "json",
            ".csv" => "csv",
            ".tsv" => "tsv",
            _ => "lines",
        };
        bool isTable = format is "csv" or "tsv";
        if (request.Column is not null && !isTable)
            throw new UsageException($"--column applies to CSV, but {path} is read as {format}. If it is CSV, add --input-format csv.");
        if (request.Separator is not null && !isTable)
            throw new UsageException($"--separator applies to CSV, but {path} is read as {format}. If it is CSV, add --input-format csv.");
        if (request.EndsWithNul && format != "lines")
            throw new UsageException($"--null applies to lines of text, but {path} is read as {format}. Add --input-format lines.");
        return format switch
        {
            "jsonl" => new JsonLinesInput(path),
            "json" => new JsonInput(path),
            "csv" => Table(request.Separator),
            "tsv" => Table(request.Separator ?? '\t'),
            _ => request.EndsWithNul ? new NulInput(path) : new LineInput(path, isJson: !wantsOne),
        };

        CsvInput Table(char? separator)
        {
            var table = new CsvInput(path, request.Column, wantsOne && item is not null, separator);
            if (request.Column is null && !wantsOne) table.FitTo(item!, say);
            return table;
        }
    }
}
