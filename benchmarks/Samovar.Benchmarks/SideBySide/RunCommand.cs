using System.CommandLine;
using System.Text.Json;
using Samovar.Benchmarks.Reports;
using Samovar.Cli;
using Spectre.Console;

namespace Samovar.Benchmarks.SideBySide;

/// <summary><c>benchmarks/run</c>: Samovar, its peers and the machine's limits side by side.</summary>
internal static class RunCommand
{
    private const string About =
        """
        Does the same work with Samovar, with Python, Node, .NET's own and others, and with the tightest program that can be written for it, in turn,
        on this machine, and compares. A peer that is not installed is left out.

        Exit codes: 0 measured, whatever came of it, 1 a row of Samovar's own failed, 2 nothing was run, 6 results could not be written, 130 Ctrl-C,
        143 SIGTERM.
        """;

    private const int RoundsOfCurves = 3; // a point is one of many on its curve, and needs fewer rounds than a row

    public static async Task<int> RunAsync(string[] words)
    {
        if (OpenFiles.FindMistake() is { } mistake) return await RefuseAsync(mistake);
        ParseResult parsed = Create().Parse(words, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0)
            return await RefuseAsync($"{string.Join(' ', parsed.Errors.Select(static error => error.Message))} Try 'benchmarks/run --help'.");
        try
        {
            return await parsed.InvokeAsync(new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (IOException lost)
        {
            await Console.Error.WriteLineAsync($"benchmarks/run: {lost.Message}");
            return ExitCode.OutputLost;
        }
    }

    private static async Task<int> RefuseAsync(string why)
    {
        await Console.Error.WriteLineAsync($"benchmarks/run: {why}");
        return ExitCode.Usage;
    }

    private static RootCommand Create()
    {
        var only = new Option<string>("--only") { Description = "Only these rows, with commas: P1,P6. P2 has its parts with it, P2.hot is one of them.", HelpName = "ROWS" };
        var quick = new Option<bool>("--quick")
        {
            Description = "A look in less than a minute: one figure of each row, less work for it, fewer rounds, and only the peers that are near the best.",
        };
        var rounds = new Option<int?>("--rounds") { Description = "How often each side is measured; the median counts. 7, or 5 where --quick leaves time for them.", HelpName = "N" };
        rounds.Validators.Add(static result =>
        {
            if (result.GetValueOrDefault<int?>() is < 1 or > 1000) result.AddError("--rounds takes 1 to 1,000.");
        });
        var scale = new Option<double?>("--scale") { Description = "The share of the full work for a figure, 0 to 1, for tests of the runner.", HelpName = "SHARE", Hidden = true };
        var json = new Option<bool>("--json") { Description = "Write one JSON object a row instead, as it ends." };
        var curves = new Option<bool>("--curves")
        {
            Description = "How things grow instead: by workers, payload, length of a task, queued tasks, sleepers and nested scopes, with the memory. --only names some: --only payload,length.",
        };
        var plot = new Option<bool>("--plot")
        {
            Description = "Also keep what was measured in benchmarks/results, and renew its tables, its pictures and the tables of the READMEs.",
        };
        var command = new RootCommand(About) { only, quick, rounds, scale, json, curves, plot };
        command.HelpName = "benchmarks/run";
        command.SetAction((parsed, _) =>
        {
            RunPlan plan = parsed.GetValue(quick) ? RunPlan.Quick : RunPlan.Full;
            if (parsed.GetValue(curves)) plan = plan with { Rounds = plan.IsQuick ? 1 : RoundsOfCurves };
            if (parsed.GetValue(rounds) is { } count) plan = plan with { Rounds = count };
            if (parsed.GetValue(scale) is { } share) plan = plan with { Scale = share };
            string[] ids = parsed.GetValue(only)?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
            bool isJson = parsed.GetValue(json), isKept = parsed.GetValue(plot);
            try
            {
                return parsed.GetValue(curves) ? MeasureAsync(Curves.Choose(ids), plan, isJson, isKept) : MeasureAsync(plan.Choose(Rows.All, ids), plan, isJson, isKept);
            }
            catch (ArgumentException unknown) // of the choice: what a run throws is in its task
            {
                return RefuseAsync(unknown.Message);
            }
        });
        Examples.AddTo(command,
        [
            ("benchmarks/run --quick", "all rows, in less than a minute"),
            ("benchmarks/run", "all of it, some minutes"),
            ("benchmarks/run --only P1,P6 --rounds 15", "two rows, thoroughly"),
            ("benchmarks/run --only locks", "the locks between processes"),
            ("benchmarks/run --curves --only length", "from which length on a task pays its way to another thread or process"),
            ("benchmarks/run --quick --json | jq -c '[.id, .ratio]'", "figures for programs"),
        ]);
        return command;
    }

    private static Task<int> MeasureAsync(IReadOnlyList<Row> rows, RunPlan plan, bool isJson, bool isKept) =>
        ReportAsync<RowResult>((measured, stop) => RowRun.MeasureAllAsync(rows, plan, measured, stop), isJson, isKept,
            BenchTable.Write, static (results, rows, taken) => results.KeepAsync(rows, taken));

    private static Task<int> MeasureAsync(IReadOnlyList<Curve> curves, RunPlan plan, bool isJson, bool isKept) =>
        ReportAsync<CurvePoint>((measured, stop) => CurveRun.MeasureAllAsync(curves, plan, measured, stop), isJson, isKept,
            static (points, head, console) => CurvePage.Write(CurveTable.Of(points), head, console), static (results, points, taken) => results.KeepAsync(points, taken));

    /// <summary>Measures, and writes what comes of it: as JSON, one object a line as it is there, or as tables at the end.</summary>
    private static async Task<int> ReportAsync<T>(
        Func<Action<T>, CancellationToken, Task<bool>> measure, bool isJson, bool isKept, Action<IReadOnlyList<T>, IReadOnlyList<string>, IAnsiConsole> show,
        Func<Results, IReadOnlyList<T>, string, Task<IReadOnlyList<string>>> keep)
    {
        string? crowd = Machine.Crowd();
        var all = new List<T>();
        int code = await Interruption.RunAsync(async stop => await measure(Measured, stop) ? ExitCode.Success : ExitCode.ItemsFailed);
        if (all.Count == 0) return code;

        // What was measured before an interruption is reported; it is not kept.
        string[] head = [Machine.Describe(), .. crowd is null ? (string[])[] : [crowd]];
        if (!isJson) Terminal.Write(console => show(all, head, console));
        if (!isKept || code is not (ExitCode.Success or ExitCode.ItemsFailed)) return code;
        IReadOnlyList<string> written = await keep(new Results(Checkout.Root), all, head[0]);
        await Console.Error.WriteLineAsync($"ResultLine: {string.Join(", ", written.Select(static path => Path.GetRelativePath(Checkout.Root, path)))}");
        return code;

        void Measured(T item)
        {
            all.Add(item);
            if (isJson) Console.Out.WriteLine(JsonSerializer.Serialize(item, ResultLine.Json));
        }
    }
}
