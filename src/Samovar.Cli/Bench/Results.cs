using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Samovar.Cli.Bench;

/// <summary>What was measured last, row by row and curve by curve, kept in benchmarks/results; tables and pictures are made from it.</summary>
/// <remarks>A run of some rows replaces these and leaves the others: each line of rows.jsonl tells when and where it was taken.</remarks>
internal sealed class Results(Checkout checkout)
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Keeps rows and makes the tables and the picture anew.</summary>
    /// <returns>The files that were written.</returns>
    public async Task<IReadOnlyList<string>> KeepAsync(IReadOnlyList<BenchRow> rows, string taken)
    {
        var all = (await ReadAsync<TakenRow>("rows.jsonl")).Where(old => !rows.Any(row => row.Id == old.Row.Id))
            .Concat(rows.Select(row => new TakenRow(taken, row))).OrderBy(static row => Order(row.Row.Id)).ToArray();
        BenchRow[] kept = [.. all.Select(static row => row.Row)];
        string head = Head(all.Select(static row => row.Taken));
        string text = $"# Side by side\n\n{head}\nMade by `samovar bench --plot`; what the rows are and what holds them back is told in [benchmarks](../README.md).\n\n"
            + $"![ratios](rows.svg)\n\n{BenchMarkdown.Rows(kept)}\n{Notes(kept)}\n## Every side\n\n{BenchMarkdown.Peers(kept)}";
        List<string> written =
        [
            await WriteAsync("rows.jsonl", string.Concat(all.Select(static row => JsonSerializer.Serialize(row, s_json) + "\n"))),
            await WriteAsync("rows.md", text), await WriteAsync("rows.svg", BenchPictures.Rows(kept)),
        ];
        foreach (string name in (string[])["README.md", Path.Combine("benchmarks", "README.md")])
        {
            string path = Path.Combine(checkout.Root, name);
            string before = await File.ReadAllTextAsync(path);
            string after = BenchMarkdown.Fill(before, kept, head);
            if (after == before) continue;
            await ReplaceAsync(path, after);
            written.Add(path);
        }

        return written;
    }

    /// <summary>Keeps curves and makes their tables and pictures anew.</summary>
    /// <returns>The files that were written.</returns>
    public async Task<IReadOnlyList<string>> KeepAsync(IReadOnlyList<CurvePoint> points, string taken)
    {
        var all = (await ReadAsync<TakenPoint>("curves.jsonl")).Where(old => !points.Any(point => point.Curve == old.Point.Curve))
            .Concat(points.Select(point => new TakenPoint(taken, point))).OrderBy(static point => point.Point.Curve, StringComparer.Ordinal).ToArray();
        IReadOnlyList<CurveTable> curves = CurveTable.Of([.. all.Select(static point => point.Point)]);
        List<string> written = [await WriteAsync("curves.jsonl", string.Concat(all.Select(static point => JsonSerializer.Serialize(point, s_json) + "\n")))];
        string text = $"# How things grow\n\n{Head(all.Select(static point => point.Taken))}\nMade by `samovar bench --curves --plot`.\n";
        foreach (CurveTable curve in curves)
        {
            text += $"\n## {curve.Title}\n\n![{curve.Id}](curve-{curve.Id}.svg)\n\n{BenchMarkdown.Curve(curve)}";
            if (Told(curve) is { } told) text += $"\n{told}\n";
            string unit = curve.PointsOf(curve.Series[0]).First().Unit;
            written.Add(await WriteAsync($"curve-{curve.Id}.svg", BenchPictures.Curve(curve, static point => point.Y, curve.Title, unit)));
            if (!curve.Series.SelectMany(curve.PointsOf).Any(static point => point.Bytes > 0)) continue;
            string memory = $"curve-{curve.Id}-memory.svg";
            written.Add(await WriteAsync(memory, BenchPictures.Curve(curve, static point => point.Bytes, $"the same: memory by {curve.Across}", "B")));
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

    private static string Notes(IReadOnlyList<BenchRow> rows) => string.Concat(BenchTable.Notes(rows).Select(static note => $"- {note}\n"));

    private static string Head(IEnumerable<string> taken) => string.Join("; ", taken.Distinct(StringComparer.Ordinal)) + ".";

    private static double Order(string id)
    {
        string[] parts = id.Split('.');
        return int.Parse(parts[0][1..], CultureInfo.InvariantCulture) + (parts.Length > 1 ? 0.5 : 0);
    }

    private async Task<IReadOnlyList<T>> ReadAsync<T>(string name)
    {
        string path = Path.Combine(checkout.Results, name);
        return File.Exists(path) ? [.. (await File.ReadAllLinesAsync(path)).Where(static line => line.Length > 0).Select(static line => JsonSerializer.Deserialize<T>(line, s_json)!)] : [];
    }

    private async Task<string> WriteAsync(string name, string text)
    {
        Directory.CreateDirectory(checkout.Results);
        string path = Path.Combine(checkout.Results, name);
        await ReplaceAsync(path, text);
        return path;
    }

    /// <summary>The old text stays until the new one is whole.</summary>
    /// <exception cref="MistakeException">It cannot be written.</exception>
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
            throw new MistakeException($"{path} could not be written, and is as it was: {error.Message}", ExitCode.OutputLost);
        }
    }

    private sealed record TakenRow(string Taken, BenchRow Row);

    private sealed record TakenPoint(string Taken, CurvePoint Point);
}
