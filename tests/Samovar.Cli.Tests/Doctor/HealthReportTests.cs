using Samovar.Cli.Doctor;
using Samovar.Cli.Doctor.Hosts;

namespace Samovar.Cli.Tests.Doctor;

public sealed class HealthReportTests
{
    private static readonly Feature[] s_inside =
        [Feature.Memfd, Feature.Futex, Feature.MappedFiles, Feature.LocalSockets, Feature.WorkerHost];

    [ProcessFact]
    public void A_machine_with_everything_can_run() => Without().Obstacles.ShouldBeEmpty();

    [ProcessFact]
    public void Either_way_to_share_memory_and_either_way_to_wake_is_enough()
    {
        Without(Feature.Memfd, Feature.LocalSockets).CanRun.ShouldBeTrue();
        Without(Feature.MappedFiles, Feature.Futex).CanRun.ShouldBeTrue();
    }

    [ProcessFact]
    public void No_way_to_share_memory_is_an_obstacle() =>
        Without(Feature.Memfd, Feature.MappedFiles).Obstacles.ShouldHaveSingleItem().ShouldContain("neither memfd nor mapped-files");

    [ProcessFact]
    public void No_way_to_wake_is_an_obstacle() =>
        Without(Feature.Futex, Feature.LocalSockets).Obstacles.ShouldHaveSingleItem().ShouldContain("neither futex nor unix-sockets");

    [ProcessFact]
    public void A_missing_requirement_is_an_obstacle_that_says_what_to_do() =>
        Without(Feature.WorkerHost).Obstacles.ShouldHaveSingleItem().ShouldContain("DOTNET_HOST_PATH");

    [ProcessTheory]
    [InlineData(8, null, null, null, "")]
    [InlineData(1, null, null, null, "one core: waiting threads do not spin")]
    [InlineData(4, 3.5, null, null, "a quota of 3.5 cores")]
    [InlineData(4, null, 100_000_000L, null, "a memory limit of 100 MB")]
    [InlineData(4, null, null, 100L, "a limit of 100 processes and threads in this control group")]
    public void Each_tight_limit_has_its_note(int cores, double? quota, long? memory, long? processes, string note)
    {
        IReadOnlyList<string> notes = Check(
            new(cores, [.. Enumerable.Range(0, cores)], quota), new(0, memory, null), new(null, null, processes)).Notes;

        if (note == "") notes.ShouldBeEmpty();
        else notes.ShouldHaveSingleItem().ShouldStartWith(note);
    }

    [ProcessTheory]
    [InlineData(new int[0], "")]
    [InlineData(new[] { 3 }, "3")]
    [InlineData(new[] { 0, 1, 2, 3, 8, 10, 11 }, "0-3, 8, 10-11")]
    public void Cores_are_written_as_ranges(int[] cores, string expected) => HealthReportText.Ranges(cores).ShouldBe(expected);

    [ProcessFact]
    public void Without_Linux_the_host_still_answers()
    {
        var host = new PortableHost();

        host.Cores().Usable.ShouldBe(Environment.ProcessorCount);
        host.Probe().ShouldAllBe(result => !result.Present);
        host.MeasureWakeUp().ShouldNotBeNull().ShouldBeGreaterThan(0);
        host.Memory().Available.ShouldBeGreaterThan(0);
    }

    private static HealthReport Without(params Feature[] missing) =>
        Check(new(8, null, null), new(0, null, null), new(null, null, null), missing);

    private static HealthReport Check(CoreLimits cores, MemoryLimits memory, CountLimits counts, params Feature[] missing) => new(
        "0.0.0", RuntimeFacts.Read(), new("", "", ""), cores, memory, counts, WakeUpMicroseconds: null,
        [.. s_inside.Select(feature => new CheckResult(feature, !missing.Contains(feature), "seen"))]);
}
