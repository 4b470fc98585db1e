using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Samovar.Benchmarks.SideBySide;

namespace Samovar.Benchmarks.Tests;

/// <summary>The runner as a program, with next to no work.</summary>
public sealed partial class RunnerTests
{
    private const int SigInt = 2;

    [ProcessFact]
    public async Task A_row_is_one_line_of_JSON_with_all_that_is_promised()
    {
        using Process runner = Start("rows", "--only", "P10.trip", "--quick", "--rounds", "1", "--scale", "0.001");
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
        using Process runner = Start("curves", "--only", "length", "--quick", "--scale", "0.001");
        string[] lines = (await runner.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await runner.WaitForExitAsync(TestContext.Current.CancellationToken);

        runner.ExitCode.ShouldBe(0);
        CurvePoint[] points = [.. lines.Select(static line => JsonSerializer.Deserialize<CurvePoint>(line, Written.Json)!)];
        Curve curve = Curves.Choose(["length"]).Single();
        points.Length.ShouldBe((curve.Places.Count - curve.Slow) * curve.Sides.Count);
        points.ShouldAllBe(static point => point.Y > 0 && point.Rounds == 1 && point.Curve == "length");
        points.Select(static point => point.Series).Distinct().ShouldBe(curve.Sides.Select(static side => side.Peer.Name));
    }

    [ProcessTheory]
    [InlineData("There is no row P99; there are P1, ", "--only", "P99")]
    [InlineData("There is no option --fast", "--fast")]
    public async Task What_is_not_there_is_refused_with_exit_code_2(string said, params string[] words)
    {
        using Process runner = Start(["rows", .. words]);
        string error = await runner.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await runner.WaitForExitAsync(TestContext.Current.CancellationToken);

        runner.ExitCode.ShouldBe(2);
        error.ShouldStartWith(said);
    }

    [ProcessTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Interrupted_or_left_alone_it_ends_and_leaves_no_side_behind(bool isInterrupted)
    {
        string mark = $"SAMOVAR_TEST_MARK={Guid.NewGuid()}";
        using Process runner = Start(mark, "rows", "--only", "P10.trip,P11", "--rounds", "1000", "--scale", "0.001", "--tied");
        try
        {
            // The second row's sides are being started, or already asked.
            await TestTimeout.UntilAsync(() => Ended.With(mark).Length > 3);
            if (isInterrupted) kill(runner.Id, SigInt).ShouldBe(0);
            else runner.StandardInput.Close();
            await runner.WaitForExitAsync(TestContext.Current.CancellationToken);

            runner.ExitCode.ShouldBe(130);
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
