using System.Runtime.Versioning;
using Samovar.Ipc.Platform;
using Samovar.Processes.Platform;

namespace Samovar.Tests.Processes;

/// <summary>What is known of work while it runs in another process.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class RunningWorkTests
{
    [ProcessTheory]
    [InlineData(ChannelKind.Linux)]
    [InlineData(ChannelKind.Portable)]
    [InlineData(ChannelKind.Local)]
    internal async Task Running_work_shows_its_worker_and_its_start_and_both_stay_after_the_end(ChannelKind channel)
    {
        await using var pool = new ProcessExecutor(PoolUnderTest.Options(workers: 1) with { Channel = channel, InProcess = channel == ChannelKind.Local });
        await pool.Submit(static () => { }); // a first task, so that this one's start is not the worker's
        using var gate = new ProcessGate();

        var future = Submit(pool, gate);
        await TestTimeout.UntilAsync(() => future.StartedAt is not null);

        var started = future.StartedAt!.Value;
        future.State.ShouldBe(FutureState.Running);
        future.Worker!.Id.ShouldBe(1);
        started.ShouldBeGreaterThanOrEqualTo(future.SubmittedAt);
        var ran = future.RunTime;
        await TestTimeout.UntilAsync(() => future.RunTime > ran);
        future.StartedAt.ShouldBe(started);
        gate.Open();
        await future;
        future.StartedAt.ShouldBe(started);
        future.RunTime.ShouldBe(future.FinishedAt!.Value - started, tolerance: TimeSpan.FromMicroseconds(1));
    }

    [ProcessTheory]
    [InlineData(ChannelKind.Linux)]
    [InlineData(ChannelKind.Portable)]
    internal async Task Signals_that_a_service_manager_sends_to_all_processes_do_not_end_a_worker(ChannelKind channel)
    {
        await using var pool = new ProcessExecutor(PoolUnderTest.Options(workers: 1) with { Channel = channel });
        await pool.Submit(static () => { }); // past the registration of the handlers
        using var gate = new ProcessGate();
        var future = Submit(pool, gate);
        await future.UntilRunningAsync();

        foreach (int signal in (int[])[1, 2, 15]) LinuxProcessCalls.kill(future.Worker!.ProcessId, signal).ShouldBe(0);

        gate.Open();
        await future;
        (await pool.Submit(static () => Environment.ProcessId)).ShouldBe(future.Worker!.ProcessId);
    }

    [ProcessFact]
    public async Task A_second_attempt_shows_its_own_worker_and_start()
    {
        await using var pool = PoolUnderTest.Build(workers: 1);
        using var gate = new ProcessGate();
        using var second = new ProcessGate();

        var future = SubmitTwice(pool, gate, second);
        await future.UntilRunningAsync();
        var (worker, started) = (future.Worker, future.StartedAt);
        gate.Open();
        await TestTimeout.UntilAsync(() => future.Attempt > 1 && future.State == FutureState.Running && future.Worker != worker);

        future.StartedAt!.Value.ShouldBeGreaterThan(started!.Value);
        second.Open();
        (await future).ShouldBe(future.Worker!.ProcessId);
    }

    [ProcessFact]
    public async Task The_first_reader_sets_the_start_by_a_clock_of_the_program_and_the_timeout_counts()
    {
        var time = new ManualTimeProvider();
        await using var pool = new ProcessExecutor(PoolUnderTest.Options(workers: 1) with { TimeProvider = time });
        await pool.Submit(static () => { });

        var future = pool.Submit(static token => { token.WaitHandle.WaitOne(); token.ThrowIfCancellationRequested(); }, new() { Timeout = TimeSpan.FromSeconds(5) });
        await future.UntilRunningAsync();

        future.StartedAt.ShouldBe(future.SubmittedAt, "this clock does not move");
        time.Advance(TimeSpan.FromSeconds(2));
        future.RunTime.ShouldBe(TimeSpan.FromSeconds(2));
        time.Advance(TimeSpan.FromSeconds(3));
        await Should.ThrowAsync<TaskTimeoutException>(future.AsTask());
    }

    private static Future Submit(ProcessExecutor pool, ProcessGate gate) => pool.Submit(() => gate.Pass());

    private static Future<int> SubmitTwice(ProcessExecutor pool, ProcessGate gate, ProcessGate second) => pool.Submit(
        () =>
        {
            if (TaskContext.Current!.Attempt == 1)
            {
                gate.Pass();
                Environment.FailFast("on purpose");
            }

            second.Pass();
            return Environment.ProcessId;
        },
        new() { Retry = new RetryPolicy { MaxAttempts = 2, Delay = TimeSpan.Zero } });
}
