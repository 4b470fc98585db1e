using System.Runtime.Versioning;
using Samovar.Processes.Platform;
using Samovar.Tests.Child;

namespace Samovar.Tests.Processes.Faults;

/// <summary>Workers that do not start: the executor reports why, continues with those it has, and does not start processes indefinitely.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class FailingStartTests
{
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(200);

    [ProcessFact]
    public async Task An_initializer_that_hangs_is_killed_at_the_start_timeout_and_named_in_the_error()
    {
        var before = await Leftovers.BeforeAsync();
        await using (var pool = new ProcessExecutor(PoolUnderTest.Options(workers: 1) with
        {
            Initializer = static () => Thread.CurrentThread.Join(),
            StartTimeout = TimeSpan.FromSeconds(1),
            TimeProvider = new HastyTime(),
        }))
        {
            var waiting = Enumerable.Range(0, 5).Select(_ => pool.Submit(static () => 1)).ToArray();
            foreach (var future in waiting)
            {
                var error = await Should.ThrowAsync<WorkerStartException>(future.AsTask());
                error.Message.ShouldContain("while it ran the initializer");
                error.Message.ShouldContain("1 s after the start; the limit is StartTimeout");
            }
        }

        await before.ShouldBeNoneAsync();
    }

    [ProcessTheory]
    [InlineData(ShutdownMode.CancelQueued)]
    [InlineData(ShutdownMode.Kill)]
    public async Task An_initializer_that_hangs_does_not_delay_the_shutdown(ShutdownMode mode)
    {
        var before = await Leftovers.BeforeAsync();
        using (var started = new ProcessGate())
        {
            var pool = new ProcessExecutor(PoolUnderTest.Options(workers: 1) with { Initializer = Hanging(started) });
            var waiting = pool.Submit(static () => 1);
            await started.PassAsync();
            await pool.ShutdownAsync(mode, TimeSpan.Zero, TestContext.Current.CancellationToken);
            waiting.State.ShouldBe(FutureState.Canceled);
        }

        await before.ShouldBeNoneAsync();

        static Action Hanging(Gate started) => () =>
        {
            started.Open();
            Thread.CurrentThread.Join();
        };
    }

    [ProcessFact]
    public async Task Starts_that_fail_while_a_worker_works_are_retried_after_pauses()
    {
        var before = await Leftovers.BeforeAsync();
        var time = new ManualTimeProvider();
        using (var file = new TemporaryFile())
        using (var started = new ProcessGate())
        using (var release = new ProcessGate())
        {
            await using var pool = new ProcessExecutor(PoolUnderTest.Options(workers: 2) with
            {
                Initializer = OnlyTheFirstComesUp(file.Path),
                TimeProvider = time,
            });
            var held = pool.Submit(Passing(started, release));
            await started.PassAsync();
            var waiting = Enumerable.Range(0, 10).Select(_ => pool.Submit(static () => Environment.ProcessId)).ToArray();

            await time.WhenArmedAsync(s_firstPause);
            File.ReadAllLines(file.Path).Length.ShouldBe(1 + 1, "the one that works, and one that does not");
            time.Advance(s_firstPause);
            await time.WhenArmedAsync(2 * s_firstPause);
            File.ReadAllLines(file.Path).Length.ShouldBe(1 + 2);
            pool.GetStatistics().WorkerStarts.ShouldBe(WorkerStartState.Retrying);

            held.State.ShouldBe(FutureState.Running);
            release.Open();
            foreach (var future in waiting) (await future).ShouldBe(held.Worker!.ProcessId);
        }

        await before.ShouldBeNoneAsync();
    }

    [ProcessFact]
    public async Task When_the_last_worker_exits_during_such_a_pause_queued_tasks_fail_with_the_reason()
    {
        var before = await Leftovers.BeforeAsync();
        var time = new ManualTimeProvider();
        using (var file = new TemporaryFile())
        using (var started = new ProcessGate())
        using (var release = new ProcessGate())
        {
            await using var pool = new ProcessExecutor(PoolUnderTest.Options(workers: 2) with
            {
                Initializer = OnlyTheFirstComesUp(file.Path),
                TimeProvider = time,
            });
            var held = pool.Submit(Passing(started, release));
            await started.PassAsync();
            var waiting = pool.Submit(static () => 1);
            await time.WhenArmedAsync(s_firstPause);

            LinuxProcessCalls.kill(held.Worker!.ProcessId, LinuxProcessCalls.SigKill).ShouldBe(0);
            await Should.ThrowAsync<WorkerCrashedException>(held.AsTask());
            await time.WhenArmedAsync(2 * s_firstPause); // the first pause has ended with the worker, and the next start has failed
            time.Advance(TimeSpan.FromSeconds(1));
            (await Should.ThrowAsync<WorkerStartException>(waiting.AsTask())).Message.ShouldContain("exit code 7");
        }

        await before.ShouldBeNoneAsync();
    }

    [ProcessFact]
    public async Task Work_waits_for_starts_that_fail_fails_with_the_cause_after_a_while_and_is_accepted_again()
    {
        var before = await Leftovers.BeforeAsync();
        var time = new ManualTimeProvider();
        using (var file = new TemporaryFile())
        {
            string path = file.Path;
            await File.WriteAllTextAsync(path, "in the way", TestContext.Current.CancellationToken);
            await using var pool = new ProcessExecutor(PoolUnderTest.Options(workers: 2) with
            {
                Name = "kettle",
                Initializer = () => ExitIfThere(path),
                TimeProvider = time,
            });
            pool.GetStatistics().WorkerStarts.ShouldBe(WorkerStartState.Closed);
            var waiting = pool.Submit(static () => 1);
            await time.WhenArmedAsync(s_firstPause);
            waiting.State.ShouldBe(FutureState.Queued);
            pool.GetStatistics().WorkerStarts.ShouldBe(WorkerStartState.Retrying);

            time.Advance(TimeSpan.FromSeconds(1));
            string told = (await Should.ThrowAsync<WorkerStartException>(waiting.AsTask())).Message.Split('\n')[0];
            told.ShouldStartWith("'kettle' cannot start workers: Worker 'kettle #2' (process ");
            told.ShouldEndWith($"exited with exit code 7 while it ran the initializer: {path} is in the way.");
            pool.GetStatistics().WorkerStarts.ShouldBe(WorkerStartState.Open);
            Should.Throw<WorkerStartException>(() => pool.Submit(static () => 1)).Message.ShouldStartWith(told);

            time.Advance(2 * s_firstPause);
            pool.GetStatistics().WorkerStarts.ShouldBe(WorkerStartState.HalfOpen);
            var tried = pool.Submit(static () => 1);
            await Should.ThrowAsync<WorkerStartException>(tried.AsTask());
            Should.Throw<WorkerStartException>(() => pool.Submit(static () => 1));

            File.Delete(path);
            time.Advance(4 * s_firstPause);
            (await pool.Submit(static () => 3)).ShouldBe(3);
            var seen = pool.GetStatistics();
            (seen.WorkerStarts, seen.FailedStarts, seen.StartError).ShouldBe((WorkerStartState.Closed, 3, null));
        }

        await before.ShouldBeNoneAsync();
    }

    private static void ExitIfThere(string path)
    {
        if (!File.Exists(path)) return;
        Console.Error.WriteLine($"{path} is in the way.");
        Environment.Exit(7);
    }

    private static Action OnlyTheFirstComesUp(string path) => () =>
    {
        SharedLines.Add(path, "");
        if (File.ReadAllLines(path).Length > 1) Environment.Exit(7);
    };

    private static Action Passing(Gate started, Gate release) => () =>
    {
        started.Open();
        release.Pass();
    };
}
