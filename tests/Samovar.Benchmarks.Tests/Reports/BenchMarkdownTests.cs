using System.Xml.Linq;
using Samovar.Benchmarks.Reports;
using Samovar.Benchmarks.SideBySide;

namespace Samovar.Benchmarks.Tests.Reports;

public sealed class BenchMarkdownTests
{
    private static readonly RowResult s_row = new()
    {
        Id = "P1",
        Work = "tasks & more",
        Samovar = 1e6,
        Unit = "/s",
        HigherIsBetter = true,
        BestPeer = 5e4,
        BestPeerName = "Pool <fast>",
        Limit = 1e7,
        Ratio = 20,
        ShareOfLimit = 0.1,
        Rounds = 7,
        Goal = 1e6,
        Met = true,
        Spread = 0.1,
        Verdict = "goal reached",
        Peers = [new("Pool <fast>", 5e4, 0.2, IsRanked: true, IsLimit: false), new("ring", 1e7, 0, IsRanked: false, IsLimit: true)],
        Skipped = [],
    };

    [ProcessFact]
    public void A_row_is_a_line_of_the_table() =>
        BenchMarkdown.Rows([s_row]).ShouldEndWith("| P1 | tasks & more | 1 M/s | 5 % | 1 M/s | 50 k/s | Pool <fast> | 20 x | 10 % of 10 M/s | goal reached |\n");

    [ProcessFact]
    public void The_ratio_of_a_busy_machine_is_a_column_where_it_was_measured()
    {
        string[] lines = BenchMarkdown.Rows([s_row with { BusyRatio = 3 }, s_row]).Split('\n');
        lines[0].ShouldContain("| Ratio | Busy | Of the limit |");
        lines[1].Count(static c => c == '|').ShouldBe(lines[0].Count(static c => c == '|'));
        lines[2].ShouldContain("| 20 x | 3 x | 10 % of 10 M/s |");
        lines[3].Count(static c => c == '|').ShouldBe(lines[0].Count(static c => c == '|'));
    }

    [ProcessFact]
    public void Every_side_is_reported_with_what_it_is() =>
        BenchMarkdown.Peers([s_row]).ShouldEndWith("| P1 | **Samovar** | 1 M/s | 5 % |\n| | Pool <fast> | 50 k/s | 10 % |\n| | ring (limit) | 10 M/s | 0 % |\n");

    [ProcessFact]
    public void A_place_in_a_document_is_filled_with_the_rows_it_names_and_the_rest_stays()
    {
        const string document = "before\n<!-- benchmarks/run: P1 -->\nold\n<!-- end of benchmarks/run -->\nbetween\n<!-- benchmarks/run: P1 P2 -->\nkept\n<!-- end of benchmarks/run -->\nafter\n";

        string filled = BenchMarkdown.Fill(document, [s_row], "here.");

        filled.ShouldStartWith("before\n<!-- benchmarks/run: P1 -->\nhere.\n\n| | Work |");
        filled.ShouldNotContain("old");
        filled.ShouldEndWith("<!-- end of benchmarks/run -->\nbetween\n<!-- benchmarks/run: P1 P2 -->\nkept\n<!-- end of benchmarks/run -->\nafter\n");
        BenchMarkdown.Fill(filled, [s_row], "here.").ShouldBe(filled);
        BenchMarkdown.Fill("no place\n", [s_row], "here.").ShouldBe("no place\n");
    }

    [ProcessFact]
    public void The_charts_are_well_formed_and_show_each_row_and_series()
    {
        XDocument rows = XDocument.Parse(BenchCharts.Rows([s_row, s_row with { Id = "P4", Ratio = 0.05 }, s_row with { Id = "P5", Ratio = null }]));
        rows.Descendants().Count(static element => element.Name.LocalName == "rect").ShouldBe(2);
        rows.Root!.Value.ShouldContain("20 x Pool <fast>");

        CurveTable curve = CurveTable.Of([new("c", "w", "bytes", "B/s", "a", 1, 10, 5, 1), new("c", "w", "bytes", "B/s", "a", 100, 1000, 5, 1), new("c", "w", "bytes", "B/s", "b", 1, 10, null, 1)])[0];
        XDocument lines = XDocument.Parse(BenchCharts.Curve(curve, static point => point.Y, "title", "B/s"));
        lines.Descendants().Count(static element => element.Name.LocalName == "polyline").ShouldBe(2);
        lines.Descendants().Count(static element => element.Name.LocalName == "circle").ShouldBe(3);
        XDocument.Parse(BenchCharts.Curve(curve, static point => point.Bytes, "title", "B")).Descendants().Count(static element => element.Name.LocalName == "polyline").ShouldBe(1);
    }

    [ProcessFact]
    public void Labels_at_the_left_edge_of_a_chart_are_not_cut_off()
    {
        var row = s_row with { Id = "P10.trip", Work = "a thread task, submitted and awaited, one at a time, p50" };
        CurveTable curve = CurveTable.Of([new("queued", "no-op tasks", "tasks", "tasks/s", "a", 1, 1e6, null, 3), new("queued", "no-op tasks", "tasks", "tasks/s", "a", 10, 200, null, 3)])[0];
        foreach (string chart in (string[])[BenchCharts.Rows([row]), BenchCharts.Curve(curve, static point => point.Y, "title", "tasks/s")])
        {
            foreach (var label in XDocument.Parse(chart).Descendants().Where(static element => (string?)element.Attribute("text-anchor") == "end"))
                ((double)label.Attribute("x")! - 6.5 * label.Value.Length).ShouldBeGreaterThan(0, label.Value);
        }
    }

    [ProcessFact]
    public void Charts_of_nothing_are_empty()
    {
        XDocument.Parse(BenchCharts.Rows([])).Descendants().Any(static element => element.Name.LocalName == "rect").ShouldBeFalse();
    }

    [ProcessFact]
    public async Task Results_of_a_few_rows_replace_these_and_leave_the_others()
    {
        var folder = Directory.CreateTempSubdirectory("samovar-benchmarks-");
        try
        {
            CancellationToken timeout = TestContext.Current.CancellationToken;
            Directory.CreateDirectory(Path.Combine(folder.FullName, "benchmarks"));
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "README.md"), "<!-- benchmarks/run: P1 P2 -->\n<!-- end of benchmarks/run -->\n", timeout);
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "benchmarks", "README.md"), "nothing here\n", timeout);
            var results = new Results(folder.FullName);

            await results.KeepAsync([s_row with { Id = "P2" }, s_row], "first");
            IReadOnlyList<string> written = await results.KeepAsync([s_row with { Samovar = 2e6 }], "second");

            written.Select(Path.GetFileName).ShouldBe(["rows.jsonl", "rows.md", "rows.svg", "README.md"]);
            string table = await File.ReadAllTextAsync(Path.Combine(folder.FullName, "README.md"), timeout);
            table.ShouldContain("second; first.");
            table.ShouldContain("| P1 | tasks & more | 2 M/s |");
            table.ShouldContain("| P2 | tasks & more | 1 M/s |");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
