using System.Collections.Concurrent;

namespace Samovar.Benchmarks.Contestants;

/// <summary>The thread executor, and the framework's counterparts.</summary>
internal static class ThreadContestants
{
    /// <summary>How many chains of dependent tasks grow at the same time.</summary>
    private const int Chains = 64;

    public static IEnumerable<KeyValuePair<string, Contestant>> All =>
    [
        new("P10 Samovar", SubmitsAsync), new("P10.metered Samovar", MeteredSubmitsAsync),
        new("P10 .NET Task.Run", TaskRunsAsync), new("P10 UnsafeQueueUserWorkItem", WorkItemsAsync),
        new("P10.dependent Samovar", DependentsAsync), new("P10.dependent .NET Task.ContinueWith", ContinuationsAsync),
        new("P23 Samovar", RequiringAsync), new("P23.unused Samovar", UnusedAsync),
        new("P10.trip Samovar", TripsAsync), new("P10.trip .NET thread, BlockingCollection", ByHandAsync), new("P11 Samovar", AsCompletedAsync),
        new("P11 .NET Task.WhenEach", WhenEachAsync), new("P10.map Samovar", MapAsync), new("P10.map .NET Parallel.ForEachAsync (no results)", ParallelAsync),
    ];

    private static async IAsyncEnumerable<double> SubmitsAsync(Request request)
    {
        await using var threads = new ThreadExecutor();
        while (true)
        {
            var all = new Future[request.Of(500_000)];
            yield return await Timing.RateAsync(all.Length, async () =>
            {
                for (int i = 0; i < all.Length; i++) all[i] = threads.Submit(static () => { });
                await threads.DrainAsync();
            });
        }
    }

    private static async IAsyncEnumerable<double> MeteredSubmitsAsync(Request request)
    {
        using var listener = MetricListener.Start();
        await foreach (double rate in SubmitsAsync(request)) yield return rate;
    }

    private static async IAsyncEnumerable<double> TaskRunsAsync(Request request)
    {
        while (true)
        {
            var all = new Task[request.Of(500_000)];
            yield return await Timing.RateAsync(all.Length, async () =>
            {
                for (int i = 0; i < all.Length; i++) all[i] = Task.Run(static () => { });
                await Task.WhenAll(all);
            });
        }
    }

    private static async IAsyncEnumerable<double> WorkItemsAsync(Request request)
    {
        await Task.CompletedTask;
        while (true)
        {
            int count = request.Of(500_000);
            yield return Timing.Rate(count, () =>
            {
                using var done = new CountdownEvent(count);
                for (int i = 0; i < count; i++) ThreadPool.UnsafeQueueUserWorkItem(static counter => counter.Signal(), done, preferLocal: false);
                done.Wait();
            });
        }
    }

    private static async IAsyncEnumerable<double> DependentsAsync(Request request)
    {
        await using var threads = new ThreadExecutor();
        while (true)
        {
            int count = request.Of(300_000);
            yield return await Timing.RateAsync(count, async () =>
            {
                var last = new Future<int>[Chains];
                for (int i = 0; i < last.Length; i++) last[i] = threads.Submit(static () => 0);
                for (int i = 0; i < count; i++) last[i % Chains] = threads.Submit(last[i % Chains], static number => number + 1);
                await threads.DrainAsync();
            });
        }
    }

    private static async IAsyncEnumerable<double> RequiringAsync(Request request)
    {
        await using var threads = new ThreadExecutor(new() { Resources = { ["slots"] = 64 } });
        TaskOptions options = new() { Requires = { ["slots"] = 1 } };
        while (true)
        {
            int count = request.Of(200_000);
            yield return await Timing.RateAsync(count, async () =>
            {
                for (int i = 0; i < count; i++) _ = threads.Submit(static () => { }, options);
                await threads.DrainAsync();
            });
        }
    }

    // What a task that requires nothing costs more on an executor with resources, in nanoseconds, at least one. The measurements without resources lie
    // before and after those with them, so that a machine that becomes faster or slower meanwhile affects both.
    private static async IAsyncEnumerable<double> UnusedAsync(Request request)
    {
        await using var without = new ThreadExecutor();
        await using var with = new ThreadExecutor(new() { Resources = { ["slots"] = 64 } });
        int count = request.Of(300_000);
        while (true)
        {
            double first = await RateOfAsync(without);
            double second = await RateOfAsync(with) + await RateOfAsync(with);
            first += await RateOfAsync(without);
            yield return Math.Max(1, (2 / second - 2 / first) * 1e9);
        }

        ValueTask<double> RateOfAsync(ThreadExecutor threads) => Timing.RateAsync(count, async () =>
        {
            for (int i = 0; i < count; i++) _ = threads.Submit(static () => { });
            await threads.DrainAsync();
        });
    }

    private static async IAsyncEnumerable<double> ContinuationsAsync(Request request)
    {
        while (true)
        {
            int count = request.Of(300_000);
            yield return await Timing.RateAsync(count, async () =>
            {
                var last = new Task<int>[Chains];
                for (int i = 0; i < last.Length; i++) last[i] = Task.Run(static () => 0);
                for (int i = 0; i < count; i++)
                    last[i % Chains] = last[i % Chains].ContinueWith(static task => task.GetAwaiter().GetResult() + 1, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
                await Task.WhenAll(last);
            });
        }
    }

    private static async IAsyncEnumerable<double> TripsAsync(Request request)
    {
        await using var threads = new ThreadExecutor(new() { Workers = 1 });
        while (true) yield return await Timing.MedianTimeAsync(request.Of(20_000), async () => await threads.Submit(static () => 1));
    }

    // Task.Run is not comparable here: a pool thread that awaits its queued work item runs it itself.
    private static async IAsyncEnumerable<double> ByHandAsync(Request request)
    {
        using var queue = new BlockingCollection<TaskCompletionSource<int>>();
        var consumer = new Thread(() =>
        {
            foreach (var pending in queue.GetConsumingEnumerable()) pending.SetResult(1);
        });
        consumer.Start();
        try
        {
            while (true)
            {
                yield return await Timing.MedianTimeAsync(request.Of(20_000), async () =>
                {
                    var pending = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
                    queue.Add(pending);
                    await pending.Task;
                });
            }
        }
        finally
        {
            queue.CompleteAdding();
            consumer.Join();
        }
    }

    private static async IAsyncEnumerable<double> AsCompletedAsync(Request request)
    {
        const int tasks = 10_000;
        await using var threads = new ThreadExecutor();
        while (true)
        {
            int times = request.Of(10);
            yield return await Timing.RateAsync(times * tasks, async () =>
            {
                for (int time = 0; time < times; time++)
                {
                    var futures = new Future[tasks];
                    for (int i = 0; i < tasks; i++) futures[i] = threads.Submit(static () => { });
                    await foreach (var future in Futures.AsCompleted(futures)) GC.KeepAlive(future);
                }
            });
        }
    }

    private static async IAsyncEnumerable<double> WhenEachAsync(Request request)
    {
        const int tasks = 10_000;
        while (true)
        {
            int times = request.Of(10);
            yield return await Timing.RateAsync(times * tasks, async () =>
            {
                for (int time = 0; time < times; time++)
                {
                    var all = new Task[tasks];
                    for (int i = 0; i < tasks; i++) all[i] = Task.Run(static () => { });
                    await foreach (var task in Task.WhenEach(all)) GC.KeepAlive(task);
                }
            });
        }
    }

    private static async IAsyncEnumerable<double> MapAsync(Request request)
    {
        const int items = 100_000;
        await using var threads = new ThreadExecutor();
        while (true)
        {
            yield return await Timing.RateAsync(items, async () =>
            {
                await foreach (int unused in threads.Map(Enumerable.Range(0, items), static item => item))
                {
                    // Only the time matters.
                }
            });
        }
    }

    private static async IAsyncEnumerable<double> ParallelAsync(Request request)
    {
        const int items = 100_000;
        while (true)
            yield return await Timing.RateAsync(items, static () => Parallel.ForEachAsync(Enumerable.Range(0, items), static (_, _) => ValueTask.CompletedTask));
    }
}
