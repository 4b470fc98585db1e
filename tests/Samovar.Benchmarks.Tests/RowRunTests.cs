using Samovar.Benchmarks.SideBySide;

namespace Samovar.Benchmarks.Tests;

/// <summary>A row whose contestants are small shell programs that speak as a contestant does.</summary>
public sealed class RowRunTests
{
    private static readonly RunPlan s_plan = new() { Rounds = 3, Scale = 1, WarmUp = TimeSpan.Zero, Patience = TimeSpan.FromSeconds(30) };

    [ProcessFact]
    public async Task Each_side_gives_a_figure_a_round_after_one_that_is_thrown_away()
    {
        RowResult result = await MeasureAsync(Ours("""n=100; while read x; do echo "{\"value\": $n}"; n=$((n + 1)); done"""), Peer("steady", Says("""{"value": 50}""")));

        result.Rounds.ShouldBe(3);
        result.Samovar.ShouldBe(102);
        result.BestPeer.ShouldBe(50);
    }

    [ProcessFact]
    public async Task A_busy_machine_gets_rounds_of_its_own()
    {
        RowResult result = await MeasureAsync(Ours(Says("""{"value": 10}""")), s_plan with { IsBusyToo = true }, Peer("good", Says("""{"value": 5}""")));

        result.Rounds.ShouldBe(s_plan.Rounds);
        (result.BusySamovar, result.BusyRatio).ShouldBe((10, 2));
    }

    [ProcessTheory]
    [InlineData("""{"missing": "it is not installed"}""", "it is not installed")]
    [InlineData("""{"error": "ValueError: no"}""", "ValueError: no")]
    [InlineData("nonsense", "returned 'nonsense'")]
    [InlineData("""{"value": -1}""", "returned '{\"value\": -1}'")]
    public async Task A_peer_without_a_figure_is_left_out_with_the_reason_and_the_others_continue(string answer, string why)
    {
        RowResult result = await MeasureAsync(Ours(Says("""{"value": 10}""")), Peer("bad", Says(answer)), Peer("good", Says("""{"value": 5}""")));

        result.Skipped.ShouldBe([new SkippedPeer("bad", why)]);
        result.BestPeerName.ShouldBe("good");
        result.Ratio.ShouldBe(2);
    }

    [ProcessFact]
    public async Task A_program_that_is_not_there_is_left_out()
    {
        RowResult result = await MeasureAsync(Ours(Says("""{"value": 10}""")), new Peer("absent", ["no-such-program-of-samovar"]));

        result.Skipped.Single().Why.ShouldStartWith("no-such-program-of-samovar cannot be started: ");
        result.Ratio.ShouldBeNull();
    }

    [ProcessFact]
    public async Task A_side_that_exits_is_reported_with_its_last_output()
    {
        RowResult result = await MeasureAsync(Ours("echo first >&2; echo it broke >&2; exit 3"), Peer("good", Says("""{"value": 5}""")));

        result.Samovar.ShouldBeNull();
        result.Verdict.ShouldBe("failed: exited with code 3: it broke");
        result.BestPeer.ShouldBe(5);
    }

    [ProcessFact]
    public async Task A_side_that_does_not_answer_is_abandoned_and_killed_with_what_it_has_started()
    {
        string pidFile = Path.GetTempFileName();
        try
        {
            RunPlan impatient = s_plan with { Patience = TimeSpan.FromSeconds(1) };
            RowResult result = await MeasureAsync(Ours(Says("""{"value": 10}""")), impatient, Peer("mute", $"sleep 1000 & echo $! > '{pidFile}'; wait"));

            result.Skipped.ShouldBe([new SkippedPeer("mute", "returned no figure within 1 s")]);
            int sleeper = int.Parse(await File.ReadAllTextAsync(pidFile, TestContext.Current.CancellationToken), System.Globalization.CultureInfo.InvariantCulture);
            await Ended.WaitAsync(sleeper);
        }
        finally
        {
            File.Delete(pidFile);
        }
    }

    [ProcessFact]
    public async Task When_time_is_short_far_peers_are_measured_only_where_no_near_one_is_here()
    {
        RunPlan quick = s_plan with { IsQuick = true };
        Peer far = Peer("far", Says("""{"value": 1}""")).Thorough();

        (await MeasureAsync(Ours(Says("""{"value": 10}""")), quick, far, Peer("near", Says("""{"value": 5}""")))).Peers.Select(static peer => peer.Name).ShouldBe(["near"]);
        (await MeasureAsync(Ours(Says("""{"value": 10}""")), quick, far, Peer("near", Says("""{"missing": "gone"}""")))).BestPeerName.ShouldBe("far");
    }

    [ProcessFact]
    public async Task A_row_whose_time_is_up_has_one_round() =>
        (await MeasureAsync(Ours(Says("""{"value": 10}""")), s_plan, time: TimeSpan.Zero)).Rounds.ShouldBe(1);

    // The words after the program's own reach it as $0 and on: they are not needed.
    private static Peer Peer(string name, string script) => new(name, ["sh", "-c", script]);

    private static Peer Ours(string script) => Peer(SideBySide.Peer.Ours, script);

    private static string Says(string answer) => $"while read x; do echo '{answer}'; done";

    private static Task<RowResult> MeasureAsync(Peer ours, params Peer[] peers) => MeasureAsync(ours, s_plan, null, peers);

    private static Task<RowResult> MeasureAsync(Peer ours, RunPlan plan, params Peer[] peers) => MeasureAsync(ours, plan, null, peers);

    private static async Task<RowResult> MeasureAsync(Peer ours, RunPlan plan, TimeSpan? time, params Peer[] peers)
    {
        await using var run = new RowRun(new("P0", "nothing", "/s", true, 1, peers) { Samovar = ours }, plan, time);
        return await run.MeasureAsync(TestContext.Current.CancellationToken);
    }
}
