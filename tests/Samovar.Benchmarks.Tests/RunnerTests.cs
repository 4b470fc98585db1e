using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Samovar.Benchmarks.SideBySide;

namespace Samovar.Benchmarks.Tests;

/// <summary>What benchmarks/run builds and runs, as a program, with next to no work.</summary>
public sealed partial class RunnerTests
{
    private const int SigInt = 2, SigTerm = 15;

    [ProcessFact]
    public async Task A_row_is_one_line_of_JSON_with_all_that_is_promised()
    {
        using Process runner = Start("run", "--only", "P10.trip", "--quick", "--rounds", "1", "--scale", "0.001", "--json");
        string[] lines = (await runner.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await runner.WaitForExitAsync(TestContext.Current.CancellationToken);

        runner.ExitCode.ShouldBe(0);
        using JsonDocument row = JsonDocument.Parse(lines.ShouldHaveSingleItem());
        foreach (string name in (string[])["id", "work", "samovar", "unit", "higherIsBetter", "bestPeer", "bestPeerName", "limit", "ratio", "shareOfLimit", "rounds"])
            row.RootElement.TryGetProperty(name, out _).ShouldBeTrue(name);
        row.RootElement.GetProperty("id").GetString().ShouldBe("P10.trip");
        row.RootElement.GetProperty("ratio").GetDouble().ShouldBeGreaterThan(0);
        row.RootElement.GetProperty("higherIsBetter").GetBoolean().ShouldBeFalse();
        row.RootElement.GetProperty("rounds").GetInt32().ShouldBe(1);
        row.RootElement.GetProperty("limit").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [ProcessFact]
    public async Task A_curve_is_a_line_of_JSON_for_each_place_and_side()
    {
        using Process runner = Start("run", "--curves", "--only", "length", "--quick", "--scale", "0.001", "--json");
        string[] lines = (await runner.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await runner.WaitForExitAsync(TestContext.Current.CancellationToken);

        runner.ExitCode.ShouldBe(0);
        CurvePoint[] points = [.. lines.Select(static line => JsonSerializer.Deserialize<CurvePoint>(line, ResultLine.Json)!)];
        Curve curve = Curves.Choose(["length"]).Single();
        points.Length.ShouldBe((curve.Places.Count - curve.Slow) * curve.Contestants.Count);
        points.ShouldAllBe(static point => point.Y > 0 && point.Rounds == 1 && point.Curve == "length");
        points.Select(static point => point.Series).Distinct().ShouldBe(curve.Contestants.Select(static contestant => contestant.Peer.Name));
    }

    [ProcessFact]
    public async Task Without_JSON_a_row_is_a_line_of_a_table()
    {
        using Process runner = Start("run", "--only", "P10.trip", "--quick", "--rounds", "1", "--scale", "0.001");
        string output = await runner.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await runner.WaitForExitAsync(TestContext.Current.CancellationToken);

        runner.ExitCode.ShouldBe(0);
        output.ShouldContain("cores of");
        output.ShouldMatch("P10.trip .* µs .*goal (just )?(reached|missed)");
    }

    [ProcessTheory]
    [InlineData("benchmarks/run: There is no row P99. The rows are: P1, ", "--only", "P99")]
    [InlineData("benchmarks/run: There is no curve P1. The curves are: ", "--curves", "--only", "P1")]
    [InlineData("benchmarks/run: Unrecognized command or argument '--fast'. Try ", "--fast")]
    [InlineData("benchmarks/run: --rounds takes 1 to 1,000. Try ", "--rounds", "0")]
    public async Task What_is_not_there_is_refused_with_exit_code_2(string said, params string[] words)
    {
        using Process runner = Start(["run", .. words]);
        string error = await runner.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await runner.WaitForExitAsync(TestContext.Current.CancellationToken);

        runner.ExitCode.ShouldBe(2);
        error.ShouldStartWith(said);
    }

    [ProcessFact]
    public async Task Help_lists_the_options_and_shows_examples()
    {
        using Process runner = Start("run", "--help");
        string output = await runner.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await runner.WaitForExitAsync(TestContext.Current.CancellationToken);

        runner.ExitCode.ShouldBe(0);
        foreach (string word in (string[])["--only", "--quick", "--rounds", "--json", "--curves", "--plot", "Examples:\n  benchmarks/run --quick"]) output.ShouldContain(word);
    }

    [ProcessTheory]
    [InlineData(SigInt, 130)]
    [InlineData(SigTerm, 143)]
    public async Task A_signal_ends_it_and_leaves_no_side_behind(int signal, int code)
    {
        string mark = $"SAMOVAR_TEST_MARK={Guid.NewGuid()}";
        using Process runner = Start(mark, "run", "--only", "P10.trip,P11", "--rounds", "1000", "--scale", "0.001");
        try
        {
            // The second row's contestants are being started, or already asked.
            await TestTimeout.UntilAsync(() => Ended.With(mark).Length > 3);
            kill(runner.Id, signal).ShouldBe(0);
            await runner.WaitForExitAsync(TestContext.Current.CancellationToken);

            runner.ExitCode.ShouldBe(code);
            await TestTimeout.UntilAsync(() => Ended.With(mark).Length == 0);
        }
        finally
        {
            if (!runner.HasExited) runner.Kill(entireProcessTree: true);
        }
    }

    private static Process Start(params string[] words)
    {
        bool isMarked = words[0].Contains('=', StringComparison.Ordinal);
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(RowRun).Assembly.Location, .. isMarked ? words[1..] : words])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (isMarked) start.Environment[words[0].Split('=')[0]] = words[0].Split('=')[1];
        return Process.Start(start)!;
    }

    [LibraryImport("libc")]
    private static partial int kill(int processId, int signal);
}
