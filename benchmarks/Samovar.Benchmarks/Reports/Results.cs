using System.Globalization;
using System.Text.Json;
using Samovar.Benchmarks.SideBySide;

namespace Samovar.Benchmarks.Reports;

/// <summary>What was measured last, row by row and curve by curve, kept in benchmarks/results; tables and charts are made from it.</summary>
/// <remarks>A run of some rows replaces these and leaves the others: each line of rows.jsonl records when and where it was taken.</remarks>
internal sealed class Results(string root)
{
    private string Folder => Path.Combine(root, "benchmarks", "results");

    /// <summary>Saves rows and regenerates the tables and the chart.</summary>
    /// <returns>The files that were written.</returns>
    public async Task<IReadOnlyList<string>> KeepAsync(IReadOnlyList<RowResult> rows, string taken)
    {
        var all = (await ReadAsync<TakenRow>("rows.jsonl")).Where(old => !rows.Any(row => row.Id == old.Row.Id))
            .Concat(rows.Select(row => new TakenRow(taken, row))).OrderBy(static row => Order(row.Row.Id)).ToArray();
        RowResult[] kept = [.. all.Select(static row => row.Row)];
        string head = Head(all.Select(static row => row.Taken));
        string text = $"# Side by side\n\n{head}\nMade by `benchmarks/run --plot`; what the rows are and what holds them back is explained in [benchmarks](../README.md).\n\n"
            + $"![ratios](rows.svg)\n\n{BenchMarkdown.Rows(kept)}\n{Notes(kept)}\n## Every side\n\n{BenchMarkdown.Peers(kept)}";
        List<string> written =
        [
            await WriteAsync("rows.jsonl", string.Concat(all.Select(static row => JsonSerializer.Serialize(row, ResultLine.Json) + "\n"))),
            await WriteAsync("rows.md", text), await WriteAsync("rows.svg", BenchCharts.Rows(kept)),
        ];
        foreach (string name in (string[])["README.md", Path.Combine("benchmarks", "README.md")])
        {
            string path = Path.Combine(root, name);
            string before = await File.ReadAllTextAsync(path);
            string after = BenchMarkdown.Fill(before, kept, head);
            if (after == before) continue;
            await ReplaceAsync(path, after);
            written.Add(path);
        }

        return written;
    }

    /// <summary>Saves curves and regenerates their tables and charts.</summary>
    /// <returns>The files that were written.</returns>
    public async Task<IReadOnlyList<string>> KeepAsync(IReadOnlyList<CurvePoint> points, string taken)
    {
        var all = (await ReadAsync<TakenPoint>("curves.jsonl")).Where(old => !points.Any(point => point.Curve == old.Point.Curve))
            .Concat(points.Select(point => new TakenPoint(taken, point))).OrderBy(static point => point.Point.Curve, StringComparer.Ordinal).ToArray();
        IReadOnlyList<CurveTable> curves = CurveTable.Of([.. all.Select(static point => point.Point)]);
        List<string> written = [await WriteAsync("curves.jsonl", string.Concat(all.Select(static point => JsonSerializer.Serialize(point, ResultLine.Json) + "\n")))];
        string text = $"# How things grow\n\n{Head(all.Select(static point => point.Taken))}\nMade by `benchmarks/run --curves --plot`.\n";
        foreach (CurveTable curve in curves)
        {
            text += $"\n## {curve.Title}\n\n![{curve.Id}](curve-{curve.Id}.svg)\n\n{BenchMarkdown.Curve(curve)}";
            if (Told(curve) is { } told) text += $"\n{told}\n";
            string unit = curve.PointsOf(curve.Series[0]).First().Unit;
            written.Add(await WriteAsync($"curve-{curve.Id}.svg", BenchCharts.Curve(curve, static point => point.Y, curve.Title, unit)));
            if (!curve.Series.SelectMany(curve.PointsOf).Any(static point => point.Bytes > 0)) continue;
            string memory = $"curve-{curve.Id}-memory.svg";
            written.Add(await WriteAsync(memory, BenchCharts.Curve(curve, static point => point.Bytes, $"the same: memory by {curve.Across}", "B")));
            text += $"\n![{curve.Id}, memory]({memory})\n";
        }

        written.Add(await WriteAsync("curves.md", text));
        return written;
    }

    /// <summary>Where a curve crosses another, in words.</summary>
    public static string? Told(CurveTable curve)
    {
        const string sequential = "one after the other";
        if (!curve.Series.Contains(sequential)) return null;
        return string.Join(' ', curve.Series.Where(static series => series != sequential).Select(series => curve.BreakEven(series, sequential) is { } place
            ? string.Create(CultureInfo.InvariantCulture, $"{series} pay from {place:0.#} {curve.Across} a task on.") : $"{series} do not pay."));
    }

    private static string Notes(IReadOnlyList<RowResult> rows) => string.Concat(BenchTable.Notes(rows).Select(static note => $"- {note}\n"));

    private static string Head(IEnumerable<string> taken) => string.Join("; ", taken.Distinct(StringComparer.Ordinal)) + ".";

    // In the order of the rows; a figure of what is no row any more comes last.
    private static int Order(string id) => Rows.All.TakeWhile(row => row.Id != id).Count();

    private async Task<IReadOnlyList<T>> ReadAsync<T>(string name)
    {
        string path = Path.Combine(Folder, name);
        return File.Exists(path) ? [.. (await File.ReadAllLinesAsync(path)).Where(static line => line.Length > 0).Select(static line => JsonSerializer.Deserialize<T>(line, ResultLine.Json)!)] : [];
    }

    private async Task<string> WriteAsync(string name, string text)
    {
        Directory.CreateDirectory(Folder);
        string path = Path.Combine(Folder, name);
        await ReplaceAsync(path, text);
        return path;
    }

    /// <summary>The old text stays until the new one is whole.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    internal static async Task ReplaceAsync(string path, string text)
    {
        string fresh = path + ".new";
        try
        {
            await File.WriteAllTextAsync(fresh, text);
            File.Move(fresh, path, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            File.Delete(fresh);
            throw new IOException($"{path} could not be written, and is as it was: {error.Message}", error);
        }
    }

    private sealed record TakenRow(string Taken, RowResult Row);

    private sealed record TakenPoint(string Taken, CurvePoint Point);
}
