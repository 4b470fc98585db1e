using Samovar.Tests.Processes;
using static Samovar.Tests.Loops.LoopUnderTest;

namespace Samovar.Tests.Loops;

/// <summary>What code of a loop in virtual time has begun elsewhere and awaits is no deadlock, however long it takes.</summary>
[Collection(ProcessTestCollection.Name)]
public sealed class ExternalWorkTests
{
    [ThreadFact]
    public async Task A_virtual_loop_started_on_another_thread_of_a_virtual_loop_delays_the_outer_one() => await RunAsync(static async () =>
    {
        await Task.Run(TakeLongerThanALoopWaits);
        Now.ShouldBe(0);
    });

    [ProcessFact]
    public async Task A_map_over_worker_processes_delays_the_loop_that_awaits_it()
    {
        await using var processes = new ProcessExecutor(new() { Workers = 1 });
        await RunAsync(async () =>
        {
            var sleep = SleepAsync(1);
            int results = 0, outcomes = 0;
            await foreach (int _ in processes.Map([1], static n => Long(n))) results++;
            await foreach (var _ in processes.MapOutcomes([1, 2], static n => Long(n), new() { BatchSize = 1 })) outcomes++;
            await processes.ForEachAsync([1], static n => _ = Long(n));
            (results, outcomes).ShouldBe((1, 2));
            Now.ShouldBe(0);
            await sleep;
            await processes.ForEachAsync([1], static n => _ = Long(n)); // no timer is armed: the last look before a deadlock
        });

        static int Long(int n)
        {
            TakeLongerThanALoopWaits();
            return n;
        }
    }

    [ProcessFact]
    public async Task A_child_process_delays_the_loop_that_awaits_its_exit() => await RunAsync(static async () =>
    {
        var child = ChildProcess.Start(TakeLongerThanALoopWaits);
        await child.JoinAsync();
        var disposed = ChildProcess.Start(TakeLongerThanALoopWaits);
        await disposed.DisposeAsync();
        disposed.ExitCode.ShouldBe(0);
        Now.ShouldBe(0);
    });

    [ThreadFact]
    public async Task Time_passes_while_the_reader_of_a_map_sleeps_between_two_results() => await RunAsync(static async () =>
    {
        await using var threads = new ThreadExecutor(new() { Workers = 2 });
        var seen = new List<int>();
        await foreach (int n in threads.Map(Enumerable.Range(0, 20), static n => n, new() { BatchSize = 1, MaxInFlight = 4 }))
        {
            seen.Add(n);
            await SleepAsync(1);
        }

        seen.ShouldBe(Enumerable.Range(0, 20));
        Now.ShouldBe(20);
    });

    /// <summary>Ends after what a loop needs to be sure of a deadlock, twice.</summary>
    private static void TakeLongerThanALoopWaits()
    {
        for (int i = 0; i < 2; i++) Should.Throw<LoopDeadlockException>(static () => EventLoop.Run(static () => new TaskCompletionSource().Task, Virtual));
    }
}
