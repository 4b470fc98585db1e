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
        "Compares Samovar with Python, Node, the framework and others, and with a minimal hand-written program as the limit, "
        + "by doing the same work in turn on this machine. Peers that are not installed are skipped.";

    private const string Details =
        """
        Exit codes:
            0  measured, whatever the figures are
            1  Samovar failed in a row, or a contestant in a curve
            2  nothing was run
            6  results could not be written
          130  interrupted by Ctrl-C
          143  terminated by SIGTERM
        """;

    private const int RoundsOfCurves = 3; // a curve has many points, so a point needs fewer rounds than a row

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
        var only = new Option<string>("--only")
        {
            Description = "Measure only these rows, separated by commas: P1,P6. P2 includes its parts; P2.hot is only that part.",
            HelpName = "ROWS",
        };
        var quick = new Option<bool>("--quick")
        {
            Description = "Finish in less than a minute: one row of each family, less work, fewer rounds, only the peers close to the best.",
        };
        var rounds = new Option<int?>("--rounds")
        {
            Description = "Measure each contestant N times and report the median. Default: 7, or up to 5 with --quick.",
            HelpName = "N",
        };
        rounds.Validators.Add(static result =>
        {
            if (result.GetValueOrDefault<int?>() is < 1 or > 1000) result.AddError("--rounds takes 1 to 1,000.");
        });
        var scale = new Option<double?>("--scale")
        {
            Description = "The fraction of the full work for a figure, 0 to 1, for tests of the runner.",
            HelpName = "SHARE",
            Hidden = true,
        };
        var busy = new Option<bool>("--busy")
        {
            Description = "Measure each row a second time, while one thread for each processor computes, and report the ratio of those rounds too.",
        };
        var json = new Option<bool>("--json") { Description = "Print a JSON object for each row when it is finished." };
        var curves = new Option<bool>("--curves")
        {
            Description = "Measure curves instead: figures and memory by workers, payload, task length, queued tasks, sleepers and nested scopes. "
                + "Select some with --only: --only payload,length.",
        };
        var plot = new Option<bool>("--plot")
        {
            Description = "Save the results in benchmarks/results, and regenerate its tables and charts and the tables in the READMEs.",
        };
        var command = new RootCommand(About) { only, quick, rounds, busy, scale, json, curves, plot };
        command.HelpName = "benchmarks/run";
        command.SetAction((parsed, _) =>
        {
            RunPlan plan = parsed.GetValue(quick) ? RunPlan.Quick : RunPlan.Full;
            if (parsed.GetValue(curves)) plan = plan with { Rounds = plan.IsQuick ? 1 : RoundsOfCurves };
            if (parsed.GetValue(rounds) is { } count) plan = plan with { Rounds = count };
            if (parsed.GetValue(busy)) plan = plan with { IsBusyToo = true, Total = plan.Total * 2 };
            if (parsed.GetValue(scale) is { } share) plan = plan with { Scale = share };
            string[] ids = parsed.GetValue(only)?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
            bool isJson = parsed.GetValue(json), isKept = parsed.GetValue(plot);
            try
            {
                return parsed.GetValue(curves) ? MeasureAsync(Curves.Choose(ids), plan, isJson, isKept) : MeasureAsync(plan.Choose(Rows.All, ids), plan, isJson, isKept);
            }
            catch (ArgumentException unknown) // thrown by the choice; a run's exceptions are in its task
            {
                return RefuseAsync(unknown.Message);
            }
        });
        Examples.AddTo(command,
        [
            ("benchmarks/run --quick", "measure one row of each family in less than a minute"),
            ("benchmarks/run", "measure all rows, for some minutes"),
            ("benchmarks/run --only P1,P6 --rounds 15", "measure two rows with 15 rounds"),
            ("benchmarks/run --only P3,P7 --busy", "measure two rows on an idle and on a busy machine"),
            ("benchmarks/run --only locks", "measure the locks between processes"),
            ("benchmarks/run --curves --only length", "find the task length from which threads or processes pay off"),
            ("benchmarks/run --quick --json | jq -c '[.id, .ratio]'", "print the ratios"),
        ], Details);
        return command;
    }

    private static Task<int> MeasureAsync(IReadOnlyList<Row> rows, RunPlan plan, bool isJson, bool isKept) =>
        ReportAsync<RowResult>((measured, stop) => RowRun.MeasureAllAsync(rows, plan, measured, stop), isJson, isKept,
            BenchTable.Write, static (results, rows, taken) => results.KeepAsync(rows, taken));

    private static Task<int> MeasureAsync(IReadOnlyList<Curve> curves, RunPlan plan, bool isJson, bool isKept) =>
        ReportAsync<CurvePoint>((measured, stop) => CurveRun.MeasureAllAsync(curves, plan, measured, stop), isJson, isKept,
            static (points, head, console) => CurvePage.Write(CurveTable.Of(points), head, console), static (results, points, taken) => results.KeepAsync(points, taken));

    /// <summary>Measures, and reports the results: as JSON, one object per line when it is available, or as tables at the end.</summary>
    private static async Task<int> ReportAsync<T>(
        Func<Action<T>, CancellationToken, Task<bool>> measure, bool isJson, bool isKept, Action<IReadOnlyList<T>, IReadOnlyList<string>, IAnsiConsole> show,
        Func<Results, IReadOnlyList<T>, string, Task<IReadOnlyList<string>>> keep)
    {
        string? crowd = Machine.Crowd();
        var all = new List<T>();
        int code = await Interruption.RunAsync(async stop => await measure(Measured, stop) ? ExitCode.Success : ExitCode.ItemsFailed);
        if (all.Count == 0) return code;

        // Results before an interruption are reported, but not saved.
        string[] head = [Machine.Describe(), .. crowd is null ? (string[])[] : [crowd]];
        if (!isJson) Terminal.Write(console => show(all, head, console));
        if (!isKept || code is not (ExitCode.Success or ExitCode.ItemsFailed)) return code;
        IReadOnlyList<string> written = await keep(new Results(Checkout.Root), all, head[0]);
        await Console.Error.WriteLineAsync($"Wrote {string.Join(", ", written.Select(static path => Path.GetRelativePath(Checkout.Root, path)))}");
        return code;

        void Measured(T item)
        {
            all.Add(item);
            if (isJson) Console.Out.WriteLine(JsonSerializer.Serialize(item, ResultLine.Json));
        }
    }
}
