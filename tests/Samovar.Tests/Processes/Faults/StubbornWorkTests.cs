using System.Globalization;
using System.Runtime.Versioning;
using Samovar.Ipc.Platform;
using Samovar.Processes.Platform;

namespace Samovar.Tests.Processes.Faults;

/// <summary>Work that ignores everything, and what it started, is ended all the same.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class StubbornWorkTests
{
    private const int SigInt = 2;
    private const int SigCont = 18;

    [ProcessTheory]
    [InlineData(false, true)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(true, false)]
    public async Task Work_that_ignores_signals_or_is_stopped_is_ended_with_its_children(bool stops, bool byTimeout)
    {
        var before = await Leftovers.BeforeAsync();
        using (var file = new TemporaryFile())
        using (var started = new ProcessGate())
        {
            await using var pool = PoolUnderTest.Build(workers: 1);
            int worker = await pool.Submit(static () => Environment.ProcessId);
            using var trace = new ProcessTrace(worker);
            // Long enough for two processes to be started on a busy machine.
            var work = Submit(pool, file.Path, started, stops, byTimeout ? TimeSpan.FromSeconds(2) : null);
            await started.PassAsync();
            ProcessTrace[] children = [.. File.ReadAllText(file.Path).Split(' ').Select(static id => new ProcessTrace(int.Parse(id, CultureInfo.InvariantCulture)))];

            if (!byTimeout) work.Cancel().ShouldBeTrue();
            await work.EndAsync();

            if (byTimeout) work.Exception.ShouldBeOfType<TaskTimeoutException>();
            else work.State.ShouldBe(FutureState.Canceled);
            trace.EndsWithin(TestTimeout.Wait).ShouldBeTrue();
            foreach (var child in children)
            {
                using (child) child.EndsWithin(TestTimeout.Wait).ShouldBeTrue($"child {child.Id}");
            }

            (await pool.Submit(static () => Environment.ProcessId)).ShouldNotBe(worker);
        }

        await before.ShouldBeNoneAsync();
    }

    [ProcessFact]
    public async Task Only_the_slow_ones_of_many_time_out()
    {
        var before = await Leftovers.BeforeAsync();
        await using (var pool = PoolUnderTest.Build())
        {
            var timeout = TimeSpan.FromSeconds(1);
            var slow = Enumerable.Range(0, 3).Select(_ => pool.Submit(static () => StubbornWork.Loop(), new() { Timeout = timeout })).ToArray();
            var quick = Enumerable.Range(0, 60).Select(_ => pool.Submit(static () => 1, new() { Timeout = TestTimeout.Wait })).ToArray();
            foreach (var future in quick) (await future).ShouldBe(1);
            foreach (var future in slow) await Should.ThrowAsync<TaskTimeoutException>(future.AsTask());
        }

        await before.ShouldBeNoneAsync();
    }

    [ProcessFact]
    public async Task An_interrupt_from_the_terminal_ends_no_worker()
    {
        var before = await Leftovers.BeforeAsync();
        using (var started = new ProcessGate())
        using (var release = new ProcessGate())
        {
            await using var pool = PoolUnderTest.Build(workers: 1);
            var work = Submit(pool, started, release);
            await started.PassAsync();
            int worker = work.Worker!.ProcessId;
            for (int i = 0; i < 3; i++) LinuxProcessCalls.kill(-worker, SigInt).ShouldBe(0);
            release.Open();
            await work;
            (await pool.Submit(static () => Environment.ProcessId)).ShouldBe(worker);
        }

        await before.ShouldBeNoneAsync();

        static Future Submit(ProcessExecutor pool, Gate started, Gate release) => pool.Submit(() =>
        {
            started.Open();
            release.Pass();
        });
    }

    [ProcessFact]
    public async Task One_worker_killed_in_an_endless_loop_fails_one_task_of_a_hundred()
    {
        var before = await Leftovers.BeforeAsync();
        await using (var pool = PoolUnderTest.Build())
        {
            var loop = pool.Submit(static () => StubbornWork.Loop());
            var rest = Enumerable.Range(0, 99).Select(_ => pool.Submit(static () => 1)).ToArray();
            await loop.UntilRunningAsync();
            LinuxProcessCalls.kill(loop.Worker!.ProcessId, LinuxProcessCalls.SigKill).ShouldBe(0);
            (await Should.ThrowAsync<WorkerCrashedException>(loop.AsTask())).Signal.ShouldBe(9);
            foreach (var future in rest) (await future).ShouldBe(1);
        }

        await before.ShouldBeNoneAsync();
    }

    [ProcessTheory]
    [InlineData("Linux")]
    [InlineData("Portable")]
    public async Task A_burst_of_submits_to_workers_that_do_not_read_blocks_no_caller(string channel)
    {
        var before = await Leftovers.BeforeAsync();
        var others = Leftovers.Children().ToHashSet();
        await using (var pool = new ProcessExecutor(PoolUnderTest.Options() with { Channel = Enum.Parse<ChannelKind>(channel) }))
        {
            for (int i = 0; i < 2000; i++) await pool.Submit(static () => 1); // tiny tasks, so that many are sent ahead
            int[] ids = [.. Leftovers.Children().Where(id => !others.Contains(id))];
            foreach (int id in ids) LinuxProcessCalls.kill(id, LinuxProcessCalls.SigStop).ShouldBe(0);
            var burst = Enumerable.Range(0, 20_000).Select(_ => pool.Submit(static () => 1)).ToArray();
            foreach (int id in ids) _ = LinuxProcessCalls.kill(id, SigCont); // gone, where it was taken for stuck meanwhile
            (await Task.WhenAll(burst.Select(static f => f.AsTask()))).Sum().ShouldBe(burst.Length);
        }

        await before.ShouldBeNoneAsync();
    }

    [ProcessTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(13)]
    public async Task Workers_that_kill_each_other_leave_no_task_open(int workers)
    {
        var before = await Leftovers.BeforeAsync();
        await using (var pool = PoolUnderTest.Build(workers))
        {
            int[] ids = [.. (await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => pool.Submit(static () => Environment.ProcessId).AsTask()))).Distinct()];
            var murders = Enumerable.Range(0, 20).Select(i => SubmitKill(pool, ids[i % ids.Length])).ToArray();
            await Task.WhenAll(murders.Select(static f => f.EndedAsync()));
            foreach (var murder in murders.Where(static f => f.State == FutureState.Failed))
                murder.Exception.ShouldBeOfType<WorkerCrashedException>().Signal.ShouldBe(9);
            murders.ShouldContain(static f => f.State == FutureState.Failed);
            (await pool.Submit(static () => 1)).ShouldBe(1);
        }

        await before.ShouldBeNoneAsync();

        static Future SubmitKill(ProcessExecutor pool, int id) => pool.Submit(() => { _ = LinuxProcessCalls.kill(id, LinuxProcessCalls.SigKill); });
    }

    private static Future Submit(ProcessExecutor pool, string file, Gate started, bool stops, TimeSpan? timeout) =>
        pool.Submit(() => StubbornWork.WithChildren(file, started, stops), new() { Timeout = timeout });
}
