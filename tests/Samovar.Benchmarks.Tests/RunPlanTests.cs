using System.Text.RegularExpressions;
using Samovar.Benchmarks.Contestants;
using Samovar.Benchmarks.SideBySide;

namespace Samovar.Benchmarks.Tests;

public sealed partial class RunPlanTests
{
    [ProcessFact]
    public void A_full_run_measures_every_row() => RunPlan.Full.Choose(Rows.All, []).ShouldBe(Rows.All);

    [ProcessFact]
    public void A_quick_run_measures_the_first_row_of_each_family_and_leaves_none_out()
    {
        string[] ids = [.. RunPlan.Quick.Choose(Rows.All, []).Select(static row => row.Id)];

        ids.ShouldBe([.. Enumerable.Range(1, 24).Select(static number => $"P{number}")], ignoreOrder: true);
    }

    [ProcessTheory]
    [InlineData(false, "P2", "P2,P2.hot")]
    [InlineData(false, "p6,P9.shared", "P9.shared,P6,P6.batches,P6.pairs")]
    [InlineData(false, "locks", "locks.enter,locks.semaphore,locks.read,locks.event,locks.contended,locks.trip")]
    [InlineData(true, "P2", "P2")]
    [InlineData(true, "P2.hot", "P2.hot")]
    public void Rows_are_chosen_by_their_own_id_or_their_family_s(bool isQuick, string only, string chosen) =>
        string.Join(',', (isQuick ? RunPlan.Quick : RunPlan.Full).Choose(Rows.All, only.Split(',')).Select(static row => row.Id)).ShouldBe(chosen);

    [ProcessFact]
    public void A_row_that_is_not_there_is_refused_with_those_that_are() =>
        Should.Throw<ArgumentException>(static () => RunPlan.Full.Choose(Rows.All, ["P1", "P99"])).Message.ShouldStartWith("There is no row P99. The rows are: P1, ");

    [ProcessFact]
    public void Curves_are_chosen_by_their_names_and_one_that_is_not_there_is_refused()
    {
        Curves.Choose([]).ShouldBe(Curves.All);
        Curves.Choose(["Payload"]).ShouldHaveSingleItem().Id.ShouldBe("payload");
        Should.Throw<ArgumentException>(static () => Curves.Choose(["width"])).Message.ShouldBe("There is no curve width. The curves are: workers, payload, length, queued, sleepers, scopes.");
    }

    [ProcessFact]
    public void Every_row_has_an_id_of_its_own_and_a_goal_and_where_it_has_peers_one_that_is_measured_in_a_quick_run()
    {
        Rows.All.Select(static row => row.Id).ShouldBeUnique();
        Rows.All.ShouldAllBe(static row => row.Goal > 0 && row.Work.Length > 0 && (row.Peers.Count == 0 || row.Peers.Any(static peer => peer.IsQuick)));
    }

    [ProcessFact]
    public void Every_side_of_a_row_and_of_a_curve_exists()
    {
        var scripts = Directory.EnumerateFiles(Checkout.Peers).Where(static file => file.EndsWith(".py", StringComparison.Ordinal) || file.EndsWith(".mjs", StringComparison.Ordinal))
            .ToDictionary(static file => file, static file => SideName().Matches(File.ReadAllText(file)).Select(static match => match.Groups["name"].Value).ToArray());

        var rows = from row in Rows.All
                   from peer in (IEnumerable<Peer>)[row.Samovar, .. row.Peers, .. row.Limit is { } limit ? (Peer[])[limit] : []]
                   select peer.Start(row.Id, 1);
        var curves = from curve in Curves.All
                     from contestant in curve.Contestants
                     select contestant.Peer.Start(curve.Key, 1);

        (from words in rows.Concat(curves)
         let names = scripts.GetValueOrDefault(words[1]) ?? ContestantServer.Names
         where !names.Contains(words[^2])
         select words[^2]).ShouldBeEmpty();
    }

    [GeneratedRegex("""side\(["'](?<name>[^"']+)["']""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SideName();
}
