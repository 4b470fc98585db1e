using System.Collections.Concurrent;

namespace Samovar.Benchmarks.Contestants;

/// <summary>The thread executor, and the framework's counterparts.</summary>
internal static class ThreadContestants
{
    public static IEnumerable<KeyValuePair<string, Contestant>> All =>
    [
        new("P10 Samovar", SubmitsAsync), new("P10.metered Samovar", MeteredSubmitsAsync),
        new("P10 .NET Task.Run", TaskRunsAsync), new("P10 UnsafeQueueUserWorkItem", WorkItemsAsync),
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
