using Samovar.Benchmarks.Reports;
using Samovar.Benchmarks.SideBySide;

namespace Samovar.Benchmarks.Tests.Reports;

public sealed class CurveTableTests
{
    [ProcessFact]
    public void Each_place_is_a_line_with_a_figure_of_each_series_and_the_memory_of_each_item()
    {
        CurveTable curve = CurveTable.Of([Point("a", 1000, 2e6, 250_000), Point("b", 1000, 5e5), Point("a", 10, 3e6)]).ShouldHaveSingleItem();

        curve.Series.ShouldBe(["a", "b"]);
        curve.Lines.Select(static line => string.Join(" | ", line)).ShouldBe(["10 | 3 M tasks/s | –", "1,000 | 2 M tasks/s, 250 B each | 500 k tasks/s"]);
    }

    [ProcessFact]
    public void The_break_even_is_between_the_places_where_the_lead_changes()
    {
        CurveTable curve = Curve([(1, 50), (10, 50), (100, 200)], [(1, 100), (10, 100), (100, 100)]);

        curve.BreakEven("a", "b").ShouldNotBeNull().ShouldBe(Math.Sqrt(1000), 0.01); // as far behind at 10 as ahead at 100, on a logarithmic scale
        Results.Told(curve).ShouldBeNull();
    }

    [ProcessFact]
    public void A_lead_that_is_lost_again_does_not_count()
    {
        CurveTable curve = Curve([(1, 200), (10, 50), (100, 200)], [(1, 100), (10, 100), (100, 100)]);

        curve.BreakEven("a", "b").ShouldNotBeNull().ShouldBeInRange(10, 100);
    }

    [ProcessFact]
    public void Who_leads_everywhere_pays_from_the_first_place_and_who_leads_nowhere_never()
    {
        CurveTable curve = Curve([(1, 200), (10, 200)], [(1, 100), (10, 100)]);

        curve.BreakEven("a", "b").ShouldBe(1);
        curve.BreakEven("b", "a").ShouldBeNull();
    }

    [ProcessFact]
    public void What_pays_is_reported_against_one_after_the_other()
    {
        CurveTable curve = CurveTable.Of([
            Point("one after the other", 1, 100), Point("one after the other", 10, 100), Point("threads", 1, 100 / 2.0), Point("threads", 10, 200), Point("snails", 1, 1), Point("snails", 10, 1),
        ])[0];

        Results.Told(curve).ShouldBe("threads pay off from 3.2 tasks per task. snails do not pay off.");
    }

    private static CurveTable Curve((double X, double Y)[] a, (double X, double Y)[] b) =>
        CurveTable.Of([.. a.Select(static point => Point("a", point.X, point.Y)), .. b.Select(static point => Point("b", point.X, point.Y))])[0];

    private static CurvePoint Point(string series, double x, double y, double? bytes = null) => new("queued", "no-op tasks", "tasks", "tasks/s", series, x, y, bytes, 3);
}
