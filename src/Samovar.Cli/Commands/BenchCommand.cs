using System.CommandLine;
using System.Text.Json;
using Samovar.Cli.Bench;

namespace Samovar.Cli.Commands;

/// <summary><c>samovar bench</c>: Samovar, its peers and the machine's limits side by side.</summary>
internal static class BenchCommand
{
    private const string About =
        """
        Does the same work with Samovar, with Python, Node, .NET's own and others, and with the tightest program that can be written for it, in turn,
        on this machine, and compares. It needs a clone of the repository; a peer that is not installed is left out.

        Exit codes: 0 measured, whatever came of it, 1 a row of Samovar's own failed, 2 nothing was run, 130 Ctrl-C, 143 SIGTERM.
        """;

    public static Command Create()
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
        var json = new Option<bool>("--json") { Description = "Write one JSON object a row instead, as it ends." };
        var curves = new Option<bool>("--curves")
        {
            Description = "How things grow instead: by workers, payload, length of a task, queued tasks, sleepers and nested scopes, with the memory. --only names some: --only payload,length.",
        };
        var plot = new Option<bool>("--plot")
        {
            Description = "Also keep what was measured in benchmarks/results, and make its tables, its pictures and the tables of the READMEs anew.",
        };
        var command = new Command("bench", About) { only, quick, rounds, json, curves, plot };
        command.SetAction((parsed, _) =>
        {
            List<string> arguments = [parsed.GetValue(curves) ? "curves" : "rows"];
            if (parsed.GetValue(only) is { } rows) arguments.AddRange(["--only", rows]);
            if (parsed.GetValue(quick)) arguments.Add("--quick");
            if (parsed.GetValue(rounds) is { } count) arguments.AddRange(["--rounds", $"{count}"]);
            return RunAsync([.. arguments], parsed.GetValue(json), parsed.GetValue(plot));
        });
        Examples.AddTo(command,
        [
            ("samovar bench --quick", "all rows, in less than a minute"),
            ("samovar bench", "all of it, some minutes"),
            ("samovar bench --only P1,P6 --rounds 15", "two rows, thoroughly"),
            ("samovar bench --curves --only length", "from which length on a task pays its way to another thread or process"),
            ("samovar bench --quick --json | jq -c '[.id, .ratio]'", "figures for programs"),
        ]);
        return command;
    }

    private static async Task<int> RunAsync(string[] arguments, bool isJson, bool isKept)
    {
        CurrentFolder.Require();
        Checkout checkout = Checkout.Find();
        using var run = new BenchRun();
        string runner;
        try
        {
            runner = await checkout.BuildAsync(run.Stopped);
        }
        catch (OperationCanceledException) when (run.Stopped.IsCancellationRequested)
        {
            return run.Ended;
        }

        string? crowd = Machine.Crowd();
        var lines = new List<string>();
        int code = await run.RunAsync(runner, arguments, line =>
        {
            lines.Add(line);
            if (!isJson) return;
            Console.Out.WriteLine(line);
            Console.Out.Flush();
        });
        if (lines.Count == 0) return code;

        // What was measured before an interruption is told; it is not kept.
        bool isWhole = code is ExitCode.Success or ExitCode.ItemsFailed;
        string[] head = [Machine.Describe(), .. crowd is null ? (string[])[] : [crowd]];
        IReadOnlyList<string> written = [];
        if (arguments[0] == "rows")
        {
            BenchRow[] rows = [.. lines.Select(static line => JsonSerializer.Deserialize<BenchRow>(line, JsonSerializerOptions.Web)!)];
            if (!isJson) Terminal.Write(console => BenchTable.Write(rows, head, console));
            if (isKept && isWhole) written = await new Results(checkout).KeepAsync(rows, head[0]);
        }
        else
        {
            CurvePoint[] points = [.. lines.Select(static line => JsonSerializer.Deserialize<CurvePoint>(line, JsonSerializerOptions.Web)!)];
            if (!isJson) Terminal.Write(console => CurvePage.Write(CurveTable.Of(points), head, console));
            if (isKept && isWhole) written = await new Results(checkout).KeepAsync(points, head[0]);
        }

        if (written.Count > 0) await Console.Error.WriteLineAsync($"Written: {string.Join(", ", written.Select(path => Path.GetRelativePath(checkout.Root, path)))}");
        return code;
    }
}
