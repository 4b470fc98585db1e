using Samovar.Cli.Map.Inputs;
using Samovar.Cli.Map.Methods;

namespace Samovar.Cli.Map;

/// <summary>Makes the one input that a request names.</summary>
internal static class InputChoice
{
    /// <param name="request">The request.</param>
    /// <param name="item">What the method takes.</param>
    /// <param name="say">Gets a line about what the run leaves out.</param>
    /// <exception cref="UsageException">None or several are named, or it cannot be read.</exception>
    public static ItemInput Make(MapRequest request, Type item, Action<string> say)
    {
        string[] named =
        [
            .. request.Arguments is null ? (string[])[] : ["items after --"],
            .. request.Input is null ? (string[])[] : ["--input"],
            .. request.Files.Count == 0 ? (string[])[] : ["--files"],
            .. request.Range is null ? (string[])[] : ["--range"],
        ];
        if (named.Length > 1) throw new UsageException($"There are several inputs: {string.Join(" and ", named)}. Give one.");
        if (named is [var other] && other != "--input")
        {
            if (request.InputFormat is not null) throw new UsageException($"--input-format is for --input or a pipe, not for {other}.");
            if (request.Column is not null) throw new UsageException($"--column is for CSV, not for {other}.");
            if (request.Separator is not null) throw new UsageException($"--separator is for CSV, not for {other}.");
            if (request.EndsWithNul) throw new UsageException($"--null is for --input or a pipe, not for {other}.");
        }

        if (request.Arguments is not null) return new ListInput("arguments", request.Arguments);
        if (request.Range is { } range)
        {
            return RangeInput.TryParse(range) ?? throw new UsageException(
                $"'{range}' is no range: write 1..100, or 0..100..5 for every fifth, with numbers up to {RangeInput.Largest}.");
        }

        if (request.Files.Count > 0) return Files(request, say);
        if (request.NamesNoInput && !Console.IsInputRedirected)
        {
            throw new UsageException(
                "There are no items: give --input FILE, --files 'GLOB', --range 1..100, items after --, or pipe lines in.");
        }

        return Text(request, request.Input ?? "-", item, say);
    }

    private static ListInput Files(MapRequest request, Action<string> say)
    {
        // What the run writes is none of its items: it is not there at first, and would shift the numbers of the others later.
        string[] own = [.. from path in (string?[])[request.Output, request.JobLog] where path is not null select Path.GetFullPath(path)];
        var leftOut = new List<string>();
        IReadOnlyList<string> files = FileSearch.Find(request.Files, own, say, leftOut);
        return files.Count > 0 ? new ListInput(string.Join(' ', request.Files), files, isKnownByText: true, leftOut)
            : leftOut.Count > 0 ? throw new UsageException($"There is nothing to run: {string.Join("; ", leftOut.Take(3))}.")
            : throw new UsageException($"No file matches {string.Join(" or ", request.Files.Select(f => $"'{f}'"))}.");
    }

    private static TextInput Text(MapRequest request, string path, Type item, Action<string> say)
    {
        bool wantsOne = ItemParsers.IsScalar(item);
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
            throw new UsageException($"--column is for CSV, and {path} is read as {format}. Add --input-format csv if it is CSV.");
        if (request.Separator is not null && !isTable)
            throw new UsageException($"--separator is for CSV, and {path} is read as {format}. Add --input-format csv if it is CSV.");
        if (request.EndsWithNul && format != "lines")
            throw new UsageException($"--null is for items of text, and {path} is read as {format}. Add --input-format lines.");
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
            var table = new CsvInput(path, request.Column, wantsOne, separator);
            if (request.Column is null && !wantsOne) table.FitTo(item, say);
            return table;
        }
    }
}
