using System.Runtime.Versioning;
using Samovar.Ipc;

namespace Samovar.Tests.Processes;

/// <summary>Workers that are started ahead of tasks, and what a broken executor reports.</summary>
[Collection(ProcessTestCollection.Name)]
public sealed class StartWorkersTests
{
    [ProcessTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task All_workers_are_ready_without_a_task(bool isInProcess)
    {
        await using var executor = new ProcessExecutor(PoolUnderTest.Options(workers: 3) with { MaxTasksPerWorker = 1, InProcess = isInProcess });

        await executor.StartWorkersAsync();

        var statistics = executor.GetStatistics();
        statistics.IdleWorkers.ShouldBe(3);
        statistics.Submitted.ShouldBe(0);
        await executor.StartWorkersAsync().WaitAsync(TestTimeout.Wait);
        executor.GetStatistics().LiveWorkers.ShouldBe(3);
    }

    [ProcessFact]
    public async Task Spare_workers_are_started_too()
    {
        await using var executor = new ProcessExecutor(PoolUnderTest.Options(workers: 1) with { SpareWorkers = 1 });

        await executor.StartWorkersAsync();

        await TestTimeout.UntilAsync(() => executor.GetStatistics().IdleWorkers == 2);
    }

    [ProcessFact]
    public async Task An_initializer_that_throws_fails_the_start_and_is_in_the_statistics()
    {
        await using var executor = new ProcessExecutor(PoolUnderTest.Options() with { Initializer = static () => throw new IOException("no leaves") });
        executor.GetStatistics().BrokenBy.ShouldBeNull();

        (await Should.ThrowAsync<WorkerInitializationException>(() => executor.StartWorkersAsync())).Message.ShouldContain("no leaves");

        executor.GetStatistics().BrokenBy.ShouldNotBeNull().ShouldContain("no leaves");
        (await Should.ThrowAsync<WorkerInitializationException>(() => executor.StartWorkersAsync())).Message.ShouldContain("no leaves");
    }

    [ThreadFact]
    public async Task An_initializer_of_threads_that_throws_is_in_the_statistics()
    {
        await using var executor = new ThreadExecutor(new() { Initializer = static () => throw new IOException("no leaves") });
        executor.GetStatistics().BrokenBy.ShouldBeNull();

        await executor.Submit(static () => { }).EndedAsync();

        executor.GetStatistics().BrokenBy.ShouldNotBeNull().ShouldContain("no leaves");
    }

    [ProcessFact]
    public async Task Starts_that_fail_for_a_second_fail_the_call()
    {
        await using var executor = new ProcessExecutor(PoolUnderTest.Options() with { WorkingDirectory = "/nowhere" });

        var error = await Should.ThrowAsync<WorkerStartException>(() => executor.StartWorkersAsync().WaitAsync(TestTimeout.Wait));

        error.Message.ShouldContain("/nowhere");
        executor.GetStatistics().WorkerStarts.ShouldBe(WorkerStartState.Open);
    }

    [ProcessFact]
    public async Task A_shutdown_ends_the_wait()
    {
        await using var executor = new ProcessExecutor(PoolUnderTest.Options() with { Initializer = static () => BusyWork.NeverEnds() });
        var starting = executor.StartWorkersAsync();

        await executor.ShutdownAsync(ShutdownMode.Kill, TimeSpan.Zero);

        await Should.ThrowAsync<ObjectDisposedException>(() => starting.WaitAsync(TestTimeout.Wait));
        await Should.ThrowAsync<ObjectDisposedException>(() => executor.StartWorkersAsync());
    }

    [ProcessFact]
    [SupportedOSPlatform("linux")]
    public async Task Ready_workers_do_not_retire_while_others_start()
    {
        var time = new ManualTimeProvider();
        using var gate = new ProcessGate();
        using var starts = new SharedValue<int>();
        await using var executor = new ProcessExecutor(PoolUnderTest.Options(workers: 2) with
        {
            TimeProvider = time,
            IdleTimeout = TimeSpan.FromMinutes(1),
            StartTimeout = Timeout.InfiniteTimeSpan,
            Initializer = () =>
            {
                if (starts.Add(1) > 1) gate.Pass();
            },
        });
        var starting = executor.StartWorkersAsync();
        await TestTimeout.UntilAsync(() => executor.GetStatistics().IdleWorkers == 1 && starts.Add(0) == 2);

        time.Advance(TimeSpan.FromMinutes(2));
        gate.Open();

        await starting.WaitAsync(TestTimeout.Wait);
        starts.Add(0).ShouldBe(2);
    }

    [ProcessFact]
    public async Task A_cancelled_wait_leaves_the_workers_starting()
    {
        await using var executor = PoolUnderTest.Build();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => executor.StartWorkersAsync(cancelled.Token));

        await executor.StartWorkersAsync().WaitAsync(TestTimeout.Wait);
        executor.GetStatistics().IdleWorkers.ShouldBe(2);
    }
}
