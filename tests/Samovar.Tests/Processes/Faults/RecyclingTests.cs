using System.Runtime.CompilerServices;
using System.Runtime.Versioning;
using Samovar.Ipc;
using Samovar.Processes.Platform;

namespace Samovar.Tests.Processes.Faults;

/// <summary>Workers that are replaced, that do not come up, and that end with their executor: no task is stranded.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class RecyclingTests
{
    [ProcessFact]
    public async Task An_initializer_that_throws_fails_waiting_and_later_tasks_and_starts_few_processes()
    {
        var before = await Leftovers.BeforeAsync();
        using var file = new TemporaryFile();
        string path = file.Path;
        await using (var pool = new ProcessExecutor(Preparing(() => Note(path, () => throw new IOException("no leaves")))))
        {
            var waiting = Enumerable.Range(0, 20).Select(_ => Submitted(pool)).ToArray();
            foreach (var error in await Task.WhenAll(waiting))
                error.ShouldBeOfType<WorkerInitializationException>().InnerException.ShouldBeOfType<IOException>().Message.ShouldBe("no leaves");
            Should.Throw<WorkerInitializationException>(() => pool.Submit(static () => 1));
        }

        File.ReadAllLines(path).Length.ShouldBeInRange(1, 4);
        await before.ShouldBeNoneAsync();
    }

    [ProcessFact]
    public async Task An_initializer_that_exits_fails_waiting_and_later_tasks_and_starts_few_processes()
    {
        var before = await Leftovers.BeforeAsync();
        using var file = new TemporaryFile();
        string path = file.Path;
        await using (var pool = new ProcessExecutor(Preparing(() => Note(path, static () => Environment.Exit(7)))))
        {
            var waiting = Enumerable.Range(0, 20).Select(_ => Submitted(pool)).ToArray();
            foreach (var error in await Task.WhenAll(waiting))
                error.ShouldBeOfType<WorkerStartException>().Message.ShouldContain("exit code 7");
            await Should.ThrowAsync<WorkerStartException>(async () => await pool.Submit(static () => 1));
        }

        File.ReadAllLines(path).Length.ShouldBeInRange(3, 8);
        await before.ShouldBeNoneAsync();
    }

    [ProcessTheory]
    [InlineData(1, ShutdownMode.Drain)]
    [InlineData(1, ShutdownMode.CancelQueued)]
    [InlineData(1, ShutdownMode.Kill)]
    [InlineData(3, ShutdownMode.Drain)]
    [InlineData(3, ShutdownMode.CancelQueued)]
    [InlineData(3, ShutdownMode.Kill)]
    public async Task Recycling_during_shutdown_strands_no_task_and_lets_no_process_escape(int maxTasksPerWorker, ShutdownMode mode)
    {
        var before = await Leftovers.BeforeAsync();
        var pool = new ProcessExecutor(PoolUnderTest.Options() with { MaxTasksPerWorker = maxTasksPerWorker });
        var futures = Enumerable.Range(0, 24).Select(i => pool.Submit(Numbered(i))).ToArray();
        await futures[4];
        await pool.ShutdownAsync(mode, TimeSpan.FromMilliseconds(100), TestContext.Current.CancellationToken);
        futures.ShouldAllBe(static f => f.IsCompleted);
        futures.Where(static f => f.State == FutureState.Failed).ShouldBeEmpty();
        if (mode == ShutdownMode.Drain) futures.Select(static f => f.Result).ShouldBe(Enumerable.Range(0, 24));
        await before.ShouldBeNoneAsync();

        static Func<int> Numbered(int i) => () => i;
    }

    [ProcessFact]
    public async Task A_spare_that_is_sent_all_its_tasks_when_a_worker_retires_retires_too()
    {
        // In one process tasks take about a microsecond, so that a worker is sent all that it may have at once.
        await using var pool = new ProcessExecutor(PoolUnderTest.Options(workers: 1) with { InProcess = true, SpareWorkers = 1, MaxTasksPerWorker = 4 });
        var futures = Enumerable.Range(0, 200).Select(i => pool.Submit(Numbered(i))).ToArray();
        (await Task.WhenAll(futures.Select(static f => f.AsTask()))).ShouldBe(Enumerable.Range(0, 200));

        static Func<int> Numbered(int i) => () => i;
    }

    [ProcessFact]
    public async Task A_kill_ends_a_recycled_worker_whose_exit_hook_does_not()
    {
        var before = await Leftovers.BeforeAsync();
        using (var ending = new ProcessGate())
        {
            var pool = new ProcessExecutor(PoolUnderTest.Options(workers: 1) with { MaxTasksPerWorker = 1 });
            int worker = await Hook(pool, ending);
            using var trace = new ProcessTrace(worker);
            await ending.PassAsync();
            await pool.ShutdownAsync(ShutdownMode.Kill, TimeSpan.Zero, TestContext.Current.CancellationToken);
            trace.EndsWithin(TimeSpan.Zero).ShouldBeTrue();
        }

        await before.ShouldBeNoneAsync();

        static Future<int> Hook(ProcessExecutor pool, Gate ending) => pool.Submit(() =>
        {
            AppDomain.CurrentDomain.ProcessExit += (_, _) =>
            {
                ending.Open();
                Thread.CurrentThread.Join();
            };
            return Environment.ProcessId;
        });
    }

    [ProcessTheory]
    [InlineData(ShutdownMode.Drain)]
    [InlineData(ShutdownMode.CancelQueued)]
    public async Task Workers_run_their_exit_hooks_when_they_are_recycled_and_at_the_end(ShutdownMode mode)
    {
        var before = await Leftovers.BeforeAsync();
        using var file = new TemporaryFile();
        string path = file.Path;
        await using (var pool = new ProcessExecutor(Preparing(Leaving(path)) with { Workers = 1, MaxTasksPerWorker = 2 }))
        {
            for (int i = 0; i < 3; i++) await pool.Submit(static () => 1);
            await pool.ShutdownAsync(mode, TimeSpan.Zero, TestContext.Current.CancellationToken);
        }

        File.ReadAllLines(path).Length.ShouldBe(2);
        await before.ShouldBeNoneAsync();

        static Action Leaving(string path) => () => AppDomain.CurrentDomain.ProcessExit += (_, _) => SharedLines.Add(path, "");
    }

    [ProcessTheory]
    [InlineData(2)]
    [InlineData(4)]
    public async Task A_task_that_throws_and_a_shutdown_that_is_not_awaited_stop_workers_of_one_task_each(int workers)
    {
        var before = await Leftovers.BeforeAsync();
        var pool = new ProcessExecutor(PoolUnderTest.Options(workers) with { MaxTasksPerWorker = 1 });
        var futures = Enumerable.Range(0, workers + 2).Select(_ => pool.Submit(static () => throw new IOException("no leaves"))).ToArray();
        var shutdown = pool.ShutdownAsync(cancellationToken: TestContext.Current.CancellationToken);
        foreach (var future in futures) (await Should.ThrowAsync<IOException>(future.AsTask())).Message.ShouldBe("no leaves");
        await shutdown;
        await before.ShouldBeNoneAsync();
    }

    [ProcessFact]
    public async Task Recycling_continues_in_an_unreferenced_executor_until_all_is_done()
    {
        var before = await Leftovers.BeforeAsync();
        var futures = Forget();
        await TestTimeout.UntilAsync(() =>
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return futures.All(static f => f.IsCompleted);
        });
        futures.Select(static f => f.Result).ShouldBe(Enumerable.Range(0, futures.Length));
        await before.ShouldBeNoneAsync();

        [MethodImpl(MethodImplOptions.NoInlining)]
        static Future<int>[] Forget()
        {
            var pool = new ProcessExecutor(PoolUnderTest.Options() with { MaxTasksPerWorker = 2 });
            return [.. Enumerable.Range(0, 12).Select(i => pool.Submit(Numbered(i)))];
        }

        static Func<int> Numbered(int i) => () => i;
    }

    [ProcessFact]
    public async Task A_worker_that_uses_too_much_memory_is_replaced_between_tasks()
    {
        var before = await Leftovers.BeforeAsync();
        await using (var pool = new ProcessExecutor(PoolUnderTest.Options(workers: 1) with { MemoryLimitPerWorker = 200L << 20 }))
        {
            int worker = await pool.Submit(static () => Environment.ProcessId);
            int hoarder = await pool.Submit(static () =>
            {
                Hoard.Bytes = new byte[300 << 20];
                Array.Fill(Hoard.Bytes, (byte)1);
                return Environment.ProcessId;
            });
            hoarder.ShouldBe(worker);
            var backlog = Enumerable.Range(0, 50).Select(_ => pool.Submit(static () => Environment.ProcessId)).ToArray();
            foreach (var future in backlog) (await future).ShouldNotBe(worker);
        }

        await before.ShouldBeNoneAsync();
    }

    [ProcessFact]
    public async Task Shared_memory_is_not_a_worker_s_own()
    {
        using var shared = new SharedArray<byte>(300 << 20);
        await using var pool = new ProcessExecutor(PoolUnderTest.Options(workers: 1) with { MemoryLimitPerWorker = 200L << 20 });
        int worker = await pool.Submit(Filling(shared));
        for (int i = 0; i < 3; i++) (await pool.Submit(static () => Environment.ProcessId)).ShouldBe(worker);

        static Func<int> Filling(SharedArray<byte> shared) => () =>
        {
            shared.Span.Fill(1);
            return Environment.ProcessId;
        };
    }

    [ProcessFact]
    public async Task An_idle_worker_exits_and_the_next_task_gets_another()
    {
        var before = await Leftovers.BeforeAsync();
        var time = new ManualTimeProvider();
        var limit = TimeSpan.FromMinutes(3);
        await using (var pool = new ProcessExecutor(PoolUnderTest.Options(workers: 1) with { IdleTimeout = limit, TimeProvider = time }))
        {
            int worker = await pool.Submit(static () => Environment.ProcessId);
            using var trace = new ProcessTrace(worker);
            await time.WhenArmedAsync(limit);
            time.Advance(limit);
            trace.EndsWithin(TestTimeout.Wait).ShouldBeTrue();
            (await pool.Submit(static () => Environment.ProcessId)).ShouldNotBe(worker);
        }

        await before.ShouldBeNoneAsync();
    }

    [ProcessFact]
    public async Task Changing_the_number_of_workers_between_kills_keeps_all_results()
    {
        var before = await Leftovers.BeforeAsync();
        await using (var pool = PoolUnderTest.Build(workers: 1))
        {
            foreach (int workers in (int[])[3, 1, 4, 2])
            {
                pool.Workers = workers;
                var ids = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => pool.Submit(static () => Environment.ProcessId).AsTask()));
                ids.Length.ShouldBe(40);
                _ = LinuxProcessCalls.kill(ids[^1], LinuxProcessCalls.SigKill);
            }
        }

        await before.ShouldBeNoneAsync();
    }

    private static ProcessExecutorOptions Preparing(Action initializer) => PoolUnderTest.Options() with { Initializer = initializer };

    private static void Note(string path, Action then)
    {
        SharedLines.Add(path, $"{Environment.ProcessId}");
        then();
    }

    /// <summary>The outcome of a task, or the error that refuses it: which of the two it is depends on how soon the initializer fails.</summary>
    private static async Task<Exception?> Submitted(ProcessExecutor pool)
    {
        try
        {
            await pool.Submit(static () => 1);
            return null;
        }
        catch (Exception error)
        {
            return error;
        }
    }

    private static class Hoard
    {
        public static byte[]? Bytes { get; set; }
    }
}
