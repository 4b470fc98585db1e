using Samovar.Benchmarks.SideBySide;

namespace Samovar.Benchmarks.Tests;

public sealed class RowResultTests
{
    private static readonly Peer s_slow = Peer.DotNet("slow"), s_fast = Peer.DotNet("fast"), s_limit = Peer.DotNet("limit");

    [ProcessFact]
    public void Of_rates_the_highest_peer_is_the_best_and_a_higher_figure_is_ahead()
    {
        RowResult result = Result(Rates(goal: 100), [200], (s_slow, [10]), (s_fast, [50]));

        result.BestPeerName.ShouldBe("fast");
        result.BestPeer.ShouldBe(50);
        result.Ratio.ShouldBe(4);
        result.Met.ShouldBeTrue();
        result.Verdict.ShouldBe("goal reached");
        result.Reason.ShouldBeNull();
    }

    [ProcessFact]
    public void Of_times_the_lowest_peer_is_the_best_and_a_lower_figure_is_ahead()
    {
        RowResult result = Result(Times(goal: 100), [20], (s_slow, [200]), (s_fast, [40]));

        result.BestPeerName.ShouldBe("fast");
        result.Ratio.ShouldBe(2);
        result.Met.ShouldBeTrue();
    }

    [ProcessFact]
    public void The_share_of_the_limit_is_below_one_both_ways()
    {
        Result(Rates(goal: 1) with { Limit = s_limit }, [25], (s_limit, [100])).ShareOfLimit.ShouldBe(0.25);
        Result(Times(goal: 1) with { Limit = s_limit }, [40], (s_limit, [10])).ShareOfLimit.ShouldBe(0.25);
    }

    [ProcessFact]
    public void The_limit_is_no_peer()
    {
        RowResult result = Result(Rates(goal: 1) with { Limit = s_limit }, [25], (s_slow, [10]), (s_limit, [100]));

        result.BestPeerName.ShouldBe("slow");
        result.Peers.Single(static peer => peer.IsLimit).Name.ShouldBe("limit");
    }

    [ProcessTheory]
    [InlineData(new double[] { 120, 121, 122 }, "goal reached")]
    [InlineData(new double[] { 80, 101, 140 }, "goal just reached")]
    [InlineData(new double[] { 80, 99, 140 }, "goal just missed")]
    [InlineData(new double[] { 80, 81, 82 }, "goal missed")]
    [InlineData(new double[] { 100 }, "goal reached")]
    public void The_verdict_says_when_the_goal_is_within_the_noise(double[] ours, string verdict)
    {
        RowResult result = Result(Rates(goal: 100), ours, (s_slow, [10]));

        result.Verdict.ShouldBe(verdict);
        result.Reason.ShouldBe(result.Met ? null : "because");
    }

    [ProcessFact]
    public void A_peer_that_is_ahead_is_named_with_the_reason_even_where_the_goal_is_reached()
    {
        RowResult result = Result(Rates(goal: 100), [200], (s_fast, [400]));

        result.Ratio.ShouldBe(0.5);
        result.Verdict.ShouldBe("goal reached, behind fast");
        result.Reason.ShouldBe("because");
    }

    [ProcessFact]
    public void The_ratio_of_the_busy_rounds_is_to_the_peer_that_was_best_in_them()
    {
        var result = RowResult.Of(
            Rates(goal: 1), new(Peer.Samovar, new([100]), null) { BusyFigures = new([60]) },
            [new(s_slow, new([10]), null) { BusyFigures = new([20]) }, new(s_fast, new([50]), null) { BusyFigures = new([5]) }], null);

        (result.Ratio, result.BusyRatio, result.BusySamovar).ShouldBe((2, 3, 60));
        Result(Rates(goal: 1), [1], (s_fast, [1])).BusyRatio.ShouldBeNull();
    }

    [ProcessFact]
    public void Without_a_peer_there_is_no_ratio_and_the_verdict_says_so()
    {
        var result = RowResult.Of(Rates(goal: 1), new(Peer.Samovar, new([2]), null), [new(s_slow, null, "is not installed")], null);

        result.Ratio.ShouldBeNull();
        result.BestPeerName.ShouldBeNull();
        result.Verdict.ShouldBe("goal reached, no peer to compare with");
        result.Skipped.ShouldBe([new SkippedPeer("slow", "is not installed")]);
    }

    [ProcessFact]
    public void A_side_of_Samovar_that_failed_reaches_nothing()
    {
        var result = RowResult.Of(Times(goal: 1), new(Peer.Samovar, null, "it broke"), [new(s_slow, new([2]), null)], null);

        result.Samovar.ShouldBeNull();
        result.Met.ShouldBeFalse();
        result.Ratio.ShouldBeNull();
        result.Verdict.ShouldBe("failed: it broke");
    }

    [ProcessFact]
    public void A_row_has_changed_as_its_ratio_to_the_contestant_that_it_gained_most_on()
    {
        RowResult before = Result(Times(goal: 1), [10], (s_slow, [40]), (s_fast, [20]), (s_limit, [5]));
        RowResult after = Result(Times(goal: 1), [20], (s_slow, [40]), (s_fast, [10]), (s_limit, [9]));

        RatioChange.Best(before, after).ShouldBe(new RatioChange("limit", 0.5, 0.45));
        RatioChange.Best(before, after)!.Factor.ShouldBe(0.9);
    }

    [ProcessFact]
    public void Rates_change_the_same_way_and_results_without_a_common_contestant_do_not_compare()
    {
        RowResult before = Result(Rates(goal: 1), [100], (s_slow, [10])), after = Result(Rates(goal: 1), [50], (s_slow, [20]));

        RatioChange.Best(before, after)!.Factor.ShouldBe(0.25);
        RatioChange.Best(before, Result(Rates(goal: 1), [50], (s_fast, [20]))).ShouldBeNull();
    }

    private static Row Rates(double goal) => new("P0", "nothing", "/s", true, goal, [s_slow, s_fast]) { Reason = "because" };

    private static Row Times(double goal) => new("P0", "nothing", "s", false, goal, [s_slow, s_fast]) { Reason = "because" };

    private static RowResult Result(Row row, double[] ours, params (Peer Peer, double[] Values)[] others)
    {
        ContestantFigures[] contestants = [.. others.Select(static other => new ContestantFigures(other.Peer, new(other.Values), null))];
        return RowResult.Of(row, new(Peer.Samovar, new(ours), null), [.. contestants.Where(static contestant => contestant.Peer != s_limit)], Array.Find(contestants, static contestant => contestant.Peer == s_limit));
    }
}
