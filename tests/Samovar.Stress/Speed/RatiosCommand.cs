using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Samovar.Benchmarks;
using Samovar.Benchmarks.Reports;
using Samovar.Benchmarks.SideBySide;

namespace Samovar.Stress.Speed;

/// <summary>Runs the rows of the benchmarks, and compares their ratios with those of the kept results.</summary>
/// <remarks>Ratios are compared, not times: the other contestants run in turn with Samovar, so a slower or busier machine slows down all of them.</remarks>
internal static class RatiosCommand
{
    public static async Task<int> RunAsync(CommandArguments arguments)
    {
        double least = 1 - (arguments.Number("percent", 75) / 100.0);
        int rounds = arguments.Number("rounds", 3);
        Dictionary<string, RowResult> kept = (await new Results(Checkout.Root).ReadRowsAsync()).ToDictionary(static row => row.Id);
        List<string> slower = [], failed = [];
        HashSet<string> missing = [.. Rows.All.Select(static row => row.Id)];
        int compared = 0;
        await foreach (RowResult row in MeasureAsync(rounds))
        {
            missing.Remove(row.Id);
            if (row.Samovar is null)
            {
                failed.Add(row.Id);
                Say($"{row.Id,-14} {row.Verdict}");
            }
            else if (kept.TryGetValue(row.Id, out RowResult? before) && RatioChange.Best(before, row) is { } change)
            {
                compared++;
                if (change.Factor < least) slower.Add(row.Id);
                Say($"{row.Id,-14} {Figure(change.Before),8} -> {Figure(change.After),8} times as good as {change.Contestant}: {change.Factor:P0}{(change.Factor < least ? ", SLOWER" : "")}");
            }
            else
            {
                Say($"{row.Id,-14} not compared: no contestant has a figure in both runs");
            }
        }

        Say($"{compared} rows compared");
        Tell(FormattableString.Invariant($"slower than {least:P0} of the kept ratio"), slower);
        Tell("failed", failed);
        Tell("not measured, because the run ended early", missing);
        return compared > 0 && slower.Count + failed.Count + missing.Count == 0 ? 0 : 1;
    }

    // A process of its own, as for benchmarks/run: what this process has loaded does not disturb it.
    private static async IAsyncEnumerable<RowResult> MeasureAsync(int rounds)
    {
        string program = typeof(RowResult).Assembly.Location;
        using var runner = Process.Start(new ProcessStartInfo("dotnet", ["exec", program, "run", "--json", "--rounds", rounds.ToString(CultureInfo.InvariantCulture)])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        })!;
        try
        {
            while (await runner.StandardOutput.ReadLineAsync() is { } line) yield return JsonSerializer.Deserialize<RowResult>(line, ResultLine.Json)!;
            await runner.WaitForExitAsync();
        }
        finally
        {
            if (!runner.HasExited) runner.Kill(entireProcessTree: true);
        }
    }

    private static void Tell(string what, IReadOnlyCollection<string> rows)
    {
        if (rows.Count > 0) Say($"{rows.Count} {what}: {string.Join(", ", rows)}");
    }

    private static string Figure(double ratio) => ratio.ToString(ratio < 10 ? "0.00" : "#,0", CultureInfo.InvariantCulture);

    private static void Say(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
