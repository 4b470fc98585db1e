using System.Diagnostics;
using System.Text.Json;

namespace Samovar.Benchmarks.SideBySide;

/// <summary><c>rows [--only P1,P6] [--quick] [--rounds N] [--scale S] [--tied]</c>: one JSON object a row on stdout, as it ends. What
/// <c>samovar bench</c> runs and shows.</summary>
/// <remarks>Exit code 0, 1 when a side of Samovar's own failed, 2 for a row or option that is not there, 130 when interrupted. Tied to whoever has
/// started it, it also stops when its stdin ends. Sides are gone in any case.</remarks>
internal static class RowsVerb
{
    public static async Task<int> RunAsync(string[] args)
    {
        RunPlan plan;
        IReadOnlyList<Row> rows;
        try
        {
            (plan, string[] only) = RunPlan.Read(args);
            rows = plan.Choose(Rows.All, only);
        }
        catch (Exception error) when (error is ArgumentException or FormatException)
        {
            await Console.Error.WriteLineAsync(error.Message);
            return 2;
        }

        return await Interruption.RunAsync(args.Contains("--tied"), stop => MeasureAsync(rows, plan, stop));
    }

    private static async Task<int> MeasureAsync(IReadOnlyList<Row> rows, RunPlan plan, CancellationToken cancellation)
    {
        long began = Stopwatch.GetTimestamp();
        int code = 0;
        foreach (var (done, row) in rows.Index())
        {
            if (!Console.IsErrorRedirected) await Console.Error.WriteLineAsync($"{row.Id}: {row.Work}");
            TimeSpan? time = plan.Total is { } total ? (total - Stopwatch.GetElapsedTime(began)) / (rows.Count - done) : null;
            await using var run = new RowRun(row, plan, time);
            RowResult result = await run.MeasureAsync(cancellation);
            if (result.Samovar is null) code = 1;
            await Console.Out.WriteLineAsync(JsonSerializer.Serialize(result, Written.Json));
        }

        return code;
    }
}
