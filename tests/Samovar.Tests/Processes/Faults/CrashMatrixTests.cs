using System.Runtime.Versioning;
using Samovar.Ipc.Platform;
using Samovar.Serialization;

namespace Samovar.Tests.Processes.Faults;

/// <summary>Every way to end, at every station of a task's way, fails that task alone, and the executor works on.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class CrashMatrixTests
{
    private const int Small = 16;
    private const int LargerThanTheRing = 400_000;

    public static TheoryData<Fault, int> Ends
    {
        get
        {
            var ends = new TheoryData<Fault, int>();
            foreach (var fault in Enum.GetValues<Fault>())
            {
                ends.Add(fault, Small);
                ends.Add(fault, LargerThanTheRing);
            }

            return ends;
        }
    }

    [ProcessTheory]
    [MemberData(nameof(Ends))]
    public Task An_end_anywhere_in_a_worker_fails_its_own_task_only(Fault fault, int load) => EndEverywhereAsync(fault, load, ChannelKind.Linux);

    [ProcessTheory]
    [InlineData(Fault.Kill, Small)]
    [InlineData(Fault.Kill, LargerThanTheRing)]
    public Task An_end_anywhere_over_the_portable_channel_fails_its_own_task_only(Fault fault, int load) =>
        EndEverywhereAsync(fault, load, ChannelKind.Portable);

    [ProcessTheory]
    [InlineData(Small)]
    [InlineData(LargerThanTheRing)]
    public async Task An_error_while_this_process_writes_the_work_refuses_it_at_submit(int load)
    {
        var before = await Leftovers.BeforeAsync();
        await using (var pool = PoolUnderTest.Build())
        {
            Should.Throw<UnshippableException>(() => Submit(pool, new Brittle(Fault.Exception, Station.ParentWrites, load)))
                .Message.ShouldContain("brittle: ParentWrites");
            (await pool.Submit(static () => 1)).ShouldBe(1);
        }

        await before.ShouldBeNoneAsync();
    }

    [ProcessTheory]
    [InlineData(Small)]
    [InlineData(LargerThanTheRing)]
    public async Task An_error_while_this_process_reads_the_result_fails_its_own_task_only(int load)
    {
        var before = await Leftovers.BeforeAsync();
        await using (var pool = PoolUnderTest.Build(workers: 1))
        {
            int worker = await pool.Submit(static () => Environment.ProcessId);
            var bad = Submit(pool, new Brittle(Fault.Exception, Station.ParentReads, load));
            (await Should.ThrowAsync<ShippingFormatException>(bad.AsTask())).Message.ShouldContain("brittle: ParentReads");
            (await pool.Submit(static () => Environment.ProcessId)).ShouldBe(worker, "the worker lives on");
        }

        await before.ShouldBeNoneAsync();
    }

    private static Future<Brittle> Submit(ProcessExecutor pool, Brittle brittle) => pool.Submit(() => brittle.Run(), new() { Name = "brittle" });

    private static async Task EndEverywhereAsync(Fault fault, int load, ChannelKind channel)
    {
        var before = await Leftovers.BeforeAsync();
        using (var release = new ProcessGate())
        using (var started = new ProcessGate())
        {
            await using var pool = new ProcessExecutor(PoolUnderTest.Options() with { Channel = channel });
            var bystander = Occupy(pool, started, release);
            await started.PassAsync();
            foreach (var station in (Station[])[Station.WorkerReads, Station.Running, Station.WorkerWrites])
            {
                int worker = await pool.Submit(static () => Environment.ProcessId);
                var bad = Submit(pool, new Brittle(fault, station, load));
                await bad.EndAsync();
                bad.State.ShouldBe(FutureState.Failed, $"{fault} at {station}");
                if (fault == Fault.Exception) CheckError(bad.Exception, station);
                else CheckCrash(bad, fault, station, worker);

                int next = await pool.Submit(static () => Environment.ProcessId);
                if (fault == Fault.Exception) next.ShouldBe(worker, "the worker lives on");
                else next.ShouldNotBe(worker);
            }

            bystander.State.ShouldBe(FutureState.Running);
            release.Open();
            await bystander;
        }

        await before.ShouldBeNoneAsync();
    }

    private static Future Occupy(ProcessExecutor pool, Gate started, Gate release) => pool.Submit(() =>
    {
        started.Open();
        release.Pass();
    });

    private static void CheckError(Exception? error, Station station)
    {
        error.ShouldNotBeNull().Message.ShouldContain($"brittle: {station}");
        if (station == Station.Running) error.ShouldBeOfType<InvalidOperationException>();
        else error.ToString().ShouldContain(nameof(InvalidOperationException), Case.Sensitive, "the type of what went wrong there");
    }

    private static void CheckCrash(Future bad, Fault fault, Station station, int worker)
    {
        var crash = bad.Exception.ShouldBeOfType<WorkerCrashedException>($"{fault} at {station}");
        (int? code, int? signal) = fault switch
        {
            Fault.Exit => ((int?)3, (int?)null),
            Fault.SegmentationFault => (null, 11),
            Fault.Kill => (null, 9),
            _ => (null, 6),
        };
        (crash.ProcessId, crash.ExitCode, crash.Signal).ShouldBe((worker, code, signal), $"{fault} at {station}");
        (crash.TaskId, crash.TaskName, crash.Attempt).ShouldBe((bad.Id, "brittle", 1));
        crash.Message.ShouldContain($"{worker}");
        crash.Message.ShouldContain(code is null ? "SIG" : "exit code 3");
        crash.Message.ShouldContain("'brittle'");
        crash.Message.ShouldNotContain("\n");
        crash.Message.ShouldContain(fault switch
        {
            Fault.FailFast => "(more in ErrorOutput): Process terminated. brittle",
            Fault.StackOverflow => "(more in ErrorOutput): Stack overflow.",
            _ => $"(more in ErrorOutput): {Brittle.LastWords}",
        });
        // The runtime's own account of the end may push what the work wrote out of the last lines.
        if (fault is Fault.StackOverflow or Fault.FailFast) crash.ErrorOutput.ShouldContain(nameof(Brittle));
        else crash.ErrorOutput.ShouldContain(Brittle.LastWords);
    }
}
