using Samovar.Cli.Map.Inputs;

namespace Samovar.Cli.Map;

/// <summary>Makes the one input that a request names.</summary>
internal static class InputChoice
{
    /// <param name="request">The request.</param>
    /// <param name="wantsOne">Whether the method takes one word.</param>
    /// <exception cref="MistakeException">None or several are named, or it cannot be read.</exception>
    public static ItemInput Make(MapRequest request, bool wantsOne)
    {
        string[] named =
        [
            .. request.Arguments is null ? (string[])[] : ["items after --"],
            .. request.Input is null ? (string[])[] : ["--input"],
            .. request.Files.Count == 0 ? (string[])[] : ["--files"],
            .. request.Range is null ? (string[])[] : ["--range"],
        ];
        if (named.Length > 1) throw new MistakeException($"There are several inputs: {string.Join(" and ", named)}. Give one.");
        if (request.Arguments is not null) return new ListInput("arguments", request.Arguments);
        if (request.Range is { } range)
            return RangeInput.TryParse(range) ?? throw new MistakeException($"'{range}' is no range: write 1..100, or 0..100..5 for every fifth.");
        if (request.Files.Count > 0)
        {
            IReadOnlyList<string> files = FileSearch.Find(request.Files);
            return files.Count > 0
                ? new ListInput(string.Join(' ', request.Files), files)
                : throw new MistakeException($"No file matches {string.Join(" or ", request.Files.Select(f => $"'{f}'"))}.");
        }

        if (request.Input is null && !Console.IsInputRedirected)
        {
            throw new MistakeException(
                "There are no items: give --input FILE, --files 'GLOB', --range 1..100, items after --, or pipe lines in.");
        }

        string path = request.Input ?? "-";
        return (request.InputFormat ?? FormatOf(path)) switch
        {
            "jsonl" => new JsonLinesInput(path),
            "csv" => new CsvInput(path, request.Column, wantsOne),
            _ => new LineInput(path),
        };
    }

    private static string FormatOf(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".jsonl" or ".ndjson" => "jsonl",
        ".csv" or ".tsv" => "csv",
        _ => "lines",
    };
}
