using System.Runtime.CompilerServices;

namespace Samovar.Tests.Threads;

/// <summary>Workers that take several short tasks at once leave none of them behind a task that takes long.</summary>
public sealed class BatchTests
{
    private const int Rounds = 60;

    [ThreadTheory]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Short_tasks_behind_a_long_one_are_run_by_the_other_workers(int workers)
    {
        await using var executor = new ThreadExecutor(new() { Workers = workers });
        var random = new Random(workers);
        for (int round = 0; round < Rounds; round++)
        {
            const int Short = 500;
            using var allRun = new CountdownEvent(Short);
            var blocked = Enumerable.Range(0, workers - 1).Select(_ => random.Next(Short)).ToHashSet();
            for (int i = 0; i < Short; i++)
            {
                if (blocked.Contains(i)) _ = executor.Submit(() => allRun.Wait(TestTimeout.Wait).ShouldBeTrue());
                _ = executor.Submit(() => allRun.Signal());
            }

            allRun.Wait(TestTimeout.Wait).ShouldBeTrue();
            await executor.DrainAsync().WaitAsync(TestTimeout.Wait);
        }

        executor.GetStatistics().Failed.ShouldBe(0);
    }

    [ThreadTheory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_task_may_wait_for_any_task_that_was_submitted_before_or_after_it(int workers)
    {
        await using var executor = new ThreadExecutor(new() { Workers = workers });
        var random = new Random(workers);
        for (int round = 0; round < Rounds; round++)
        {
            const int Count = 200;
            var futures = new Future<int>[Count];
            using var submitted = new ManualResetEventSlim();
            for (int i = 0; i < Count; i++)
            {
                int own = i, other = random.Next(Count);
                futures[i] = i % 20 != 0 || other % 20 == 0
                    ? executor.Submit(() => own)
                    : executor.Submit(() =>
                    {
                        submitted.Wait(TestTimeout.Wait).ShouldBeTrue();
                        return futures[other].GetResult(random.Next(2) == 0 ? null : TestTimeout.Wait) - other + own;
                    });
            }

            submitted.Set();
            (await Futures.WhenAll(futures).WaitAsync(TestTimeout.Wait)).ShouldBe(Enumerable.Range(0, Count));
        }
    }

    [ThreadFact]
    public async Task The_results_of_tasks_that_a_task_has_run_inline_are_not_kept()
    {
        await using var executor = new ThreadExecutor(new() { Workers = 1 });
        int alive = await executor.Submit(() =>
        {
            var results = Enumerable.Range(0, 100).Select(_ => RunInline(executor)).ToList();
            GC.Collect();
            return results.Count(static result => result.IsAlive);
        });
        alive.ShouldBeLessThan(10);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference RunInline(ThreadExecutor executor) => new(executor.Submit(static () => new byte[100]).Result);
    }

    [ThreadFact]
    public async Task Cancelling_tasks_that_a_worker_has_taken_never_starts_them()
    {
        await using var executor = new ThreadExecutor(new() { Workers = 1 });
        for (int round = 0; round < Rounds; round++)
        {
            Gate release = new();
            int started = 0;
            Train(executor);
            _ = executor.Submit(release.Pass);
            var behind = Enumerable.Range(0, 100).Select(_ => executor.Submit(() => Interlocked.Increment(ref started))).ToList();
            foreach (var future in behind) future.Cancel().ShouldBeTrue();
            release.Open();
            await executor.DrainAsync().WaitAsync(TestTimeout.Wait);
            started.ShouldBe(0);
            behind.ShouldAllBe(static future => future.State == FutureState.Canceled);
        }
    }

    [ThreadTheory]
    [InlineData(ShutdownMode.CancelQueued)]
    [InlineData(ShutdownMode.Kill)]
    public async Task Shutdown_cancels_the_tasks_that_a_worker_has_taken(ShutdownMode mode)
    {
        for (int round = 0; round < Rounds / 4; round++)
        {
            var executor = new ThreadExecutor(new() { Workers = 2 });
            Gate release = new();
            Train(executor);
            var all = Enumerable.Range(0, 300).Select(i => Submit(executor, i, release)).ToList();
            var shutdown = executor.ShutdownAsync(mode);
            release.Open();
            await shutdown.WaitAsync(TestTimeout.Wait);
            all.ShouldAllBe(static future => future.IsCompleted);
            var statistics = executor.GetStatistics();
            (statistics.Succeeded + statistics.Canceled).ShouldBe(statistics.Submitted);
        }
    }

    [ThreadFact]
    public async Task Urgent_tasks_overtake_what_a_worker_has_taken()
    {
        await using var executor = new ThreadExecutor(new() { Workers = 1 });
        for (int round = 0; round < Rounds; round++)
        {
            Gate held = new(), release = new();
            int after = -1, ran = 0;
            Train(executor);
            for (int i = 0; i < 50; i++)
            {
                if (i == 20)
                {
                    _ = executor.Submit(() =>
                    {
                        held.Open();
                        release.Pass();
                    });
                }

                _ = executor.Submit(() => { ran++; });
            }

            await held.PassAsync();
            _ = executor.Submit(() => { after = ran; }, new() { Priority = TaskPriority.High });
            release.Open();
            await executor.DrainAsync().WaitAsync(TestTimeout.Wait);
            (after, ran).ShouldBe((20, 50));
        }
    }

    /// <summary>Runs short tasks, so that workers take several at once from then on.</summary>
    private static void Train(ThreadExecutor executor)
    {
        for (int i = 0; i < 300; i++) _ = executor.Submit(static () => { });
    }

    private static Future Submit(ThreadExecutor executor, int place, Gate release) => executor.Submit(() =>
    {
        if (place == 150) release.Pass();
    });
}
