using Samovar.Benchmarks.Reports;
using Samovar.Benchmarks.SideBySide;
using Spectre.Console;

namespace Samovar.Benchmarks.Tests.Reports;

public sealed class BenchTableTests
{
    private static readonly RowResult s_reached = new()
    {
        Id = "P1",
        Work = "no-op tasks [each]",
        Samovar = 1_056_000,
        Unit = "/s",
        HigherIsBetter = true,
        BestPeer = 46_000,
        BestPeerName = "Pool.apply_async",
        Limit = 20_000_000,
        Ratio = 22.95,
        ShareOfLimit = 0.053,
        Rounds = 7,
        Goal = 1_000_000,
        Met = true,
        Spread = 0.08,
        Verdict = "goal reached",
        Peers = [],
        Skipped = [new("Node piscina", "piscina is not installed")],
    };

    private static readonly RowResult s_missed = s_reached with { Id = "P7", Unit = "µs", HigherIsBetter = false, Samovar = 2, Met = false, Verdict = "goal missed", Reason = "it sleeps", Outliers = 1 };

    [ProcessFact]
    public void A_row_is_reported_with_its_figure_its_best_peer_and_how_they_compare()
    {
        string text = ResultLine(s_reached);

        text.ShouldMatch("P1 +no-op tasks \\[each\\] +1.06 M/s +4 % +1 M/s +46 k/s +Pool.apply_async +23 x +5 % +goal reached");
        text.ShouldContain("Not measured: Node piscina (P1): piscina is not installed.");
        text.ShouldNotContain("no reason");
    }

    [ProcessFact]
    public void A_row_that_misses_its_goal_is_reported_with_the_reason()
    {
        string text = ResultLine(s_reached, s_missed, s_missed with { Id = "P8", Reason = null, Outliers = 0 });

        text.ShouldContain("P7: it sleeps.");
        text.ShouldContain("P8: the reason is not known.");
        text.ShouldContain("which do not affect the median: 1 of 7 (P7).");
        text.ShouldContain("Not measured: Node piscina (P1), Node piscina (P7), Node piscina (P8): piscina is not installed.");
    }

    [ProcessFact]
    public void A_row_that_failed_is_reported_with_what_went_wrong() =>
        ResultLine(s_reached with { Samovar = null, Ratio = null, Spread = null, Met = false, Verdict = "failed: it broke" }).ShouldMatch("P1 .* – .*failed: it broke");

    private static string ResultLine(params RowResult[] rows)
    {
        using var text = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(text) });
        console.Profile.Width = 10_000;
        BenchTable.Write(rows, ["here and now"], console);
        text.ToString().ShouldStartWith("here and now");
        return text.ToString();
    }
}
