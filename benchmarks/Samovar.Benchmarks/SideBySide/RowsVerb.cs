using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Samovar.Benchmarks.SideBySide;

/// <summary><c>rows [--only P1,P6] [--quick] [--rounds N] [--scale S] [--tied]</c>: one JSON object a row on stdout, as it ends. What
/// <c>samovar bench</c> runs and shows.</summary>
/// <remarks>Exit code 0, 1 when a side of Samovar's own failed, 2 for a row or option that is not there, 130 when interrupted. Tied to whoever has
/// started it, it also stops when its stdin ends. Sides are gone in any case.</remarks>
internal static class RowsVerb
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // it is read by programs, not put into pages
    };

    public static async Task<int> RunAsync(string[] args)
    {
        RunPlan plan;
        IReadOnlyList<Row> rows;
        try
        {
            (plan, string[] only) = Read(args);
            rows = plan.Choose(Rows.All, only);
        }
        catch (Exception error) when (error is ArgumentException or FormatException)
        {
            await Console.Error.WriteLineAsync(error.Message);
            return 2;
        }

        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        if (args.Contains("--tied")) _ = StopAtEndOfInputAsync();
        try
        {
            return await MeasureAsync(rows, plan, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 130;
        }

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }

        async Task StopAtEndOfInputAsync()
        {
            // Nothing is said on it; its end is what counts. Console.In would block whoever asks it.
            await Console.OpenStandardInput().CopyToAsync(Stream.Null);
            await stop.CancelAsync();
        }
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
            await Console.Out.WriteLineAsync(JsonSerializer.Serialize(result, s_json));
        }

        return code;
    }

    private static (RunPlan Plan, string[] Only) Read(string[] args)
    {
        RunPlan plan = args.Contains("--quick") ? RunPlan.Quick : RunPlan.Full;
        string[] only = [];
        for (int i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--quick" or "--tied": break;
                case "--only" when i + 1 < args.Length: only = args[++i].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries); break;
                case "--rounds" when i + 1 < args.Length: plan = plan with { Rounds = int.Parse(args[++i], CultureInfo.InvariantCulture) }; break;
                case "--scale" when i + 1 < args.Length: plan = plan with { Scale = double.Parse(args[++i], CultureInfo.InvariantCulture) }; break;
                default: throw new ArgumentException($"There is no option {args[i]}: rows [--only P1,P6] [--quick] [--rounds N] [--scale S] [--tied].");
            }
        }

        return (plan, only);
    }
}
