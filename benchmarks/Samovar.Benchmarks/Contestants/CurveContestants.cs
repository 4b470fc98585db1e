using System.Diagnostics;

namespace Samovar.Benchmarks.Contestants;

/// <summary>The contestants of curves: each reads the requested place on its curve from <see cref="Request.X"/>. Sleepers are in
/// <see cref="LoopContestants"/>.</summary>
internal static class CurveContestants
{
    private const int Workers = 2;
    private const int Spin = 100; // µs of work in a task of the curve over workers

    public static IEnumerable<KeyValuePair<string, Contestant>> All =>
    [
        new("curve workers Samovar processes", static request => WorkersAsync(request, static workers => new ProcessExecutor(new() { Workers = workers }))),
        new("curve workers Samovar threads", static request => WorkersAsync(request, static workers => new ThreadExecutor(new() { Workers = workers }))),
        new("curve payload Samovar", PayloadAsync),
        new("curve length one after the other", SequentialAsync),
        new("curve length Samovar threads", static request => LengthAsync(request, new ThreadExecutor(new() { Workers = Workers }))),
        new("curve length Samovar processes", static request => LengthAsync(request, new ProcessExecutor(new() { Workers = Workers }))),
        new("curve queued Samovar threads", static request => QueuedAsync(request, new ThreadExecutor(new() { Workers = Workers }))),
        new("curve queued Samovar processes", static request => QueuedAsync(request, new ProcessExecutor(new() { Workers = Workers }))),
        new("curve queued .NET Task.Run", QueuedTasksAsync),
    ];

    // Tasks per second, each with 0.1 ms of work.
    private static async IAsyncEnumerable<double> WorkersAsync(Request request, Func<int, Executor> make)
    {
        Executor? executor = null;
        int workers = 0;
        try
        {
            while (true)
            {
                if (workers != (int)request.X)
                {
                    if (executor is not null) await executor.DisposeAsync();
                    workers = (int)request.X;
                    executor = make(workers);
                    await SubmitAllAsync(executor, 20 * workers);
                }

                yield return await Timing.RateAsync(request.Of(4_000), () => SubmitAllAsync(executor!, request.Of(4_000)));
            }
        }
        finally
        {
            if (executor is not null) await executor.DisposeAsync();
        }

        static async Task SubmitAllAsync(Executor executor, int tasks)
        {
            var all = new Future<int>[tasks];
            for (int i = 0; i < tasks; i++) all[i] = executor.Submit(static () => Busy(Spin));
            foreach (var future in all) await future;
        }
    }

    // Bytes per second to a worker, one value at a time.
    private static async IAsyncEnumerable<double> PayloadAsync(Request request)
    {
        await using var pool = await PoolContestants.WarmAsync(1);
        while (true)
        {
            byte[] data = new byte[(int)request.X];
            Func<int> length = LengthOf(data);
            int times = Math.Max(1, Math.Min(request.Of(2_000), (256 << 20) / data.Length));
            yield return Timing.Rate(1, () =>
            {
                for (int i = 0; i < times; i++) _ = pool.Submit(length).Result;
            }) * times * data.Length;
        }
    }

    // Tasks per second, X µs each: the sequential rate that threads and processes must exceed.
    private static async IAsyncEnumerable<double> SequentialAsync(Request request)
    {
        await Task.CompletedTask;
        while (true)
        {
            int tasks = Tasks(request);
            int length = (int)request.X;
            yield return Timing.Rate(tasks, () =>
            {
                for (int i = 0; i < tasks; i++) Busy(length);
            });
        }
    }

    private static async IAsyncEnumerable<double> LengthAsync(Request request, Executor executor)
    {
        await using (executor)
        {
            while (true)
            {
                var all = new Future<int>[Tasks(request)];
                Func<int> busy = BusyFor((int)request.X); // a method of its own, because its closure is serialized and must not capture the executor
                yield return Timing.Rate(all.Length, () =>
                {
                    for (int i = 0; i < all.Length; i++) all[i] = executor.Submit(busy);
                    foreach (var future in all) future.Wait();
                });
            }
        }
    }

    // About a quarter of a second of work, at most 50,000 tasks.
    private static int Tasks(Request request) => request.Of((int)Math.Min(50_000, 250_000 / Math.Max(1, request.X)), 4);

    // X tasks submitted at once, until all have run; the memory is that of the futures.
    private static async IAsyncEnumerable<double> QueuedAsync(Request request, Executor executor)
    {
        await using (executor)
        {
            while (true)
            {
                var all = new Future<int>[(int)request.X];
                long before = GC.GetTotalMemory(forceFullCollection: true);
                long began = Stopwatch.GetTimestamp();
                for (int i = 0; i < all.Length; i++) all[i] = executor.Submit(static () => 1);
                request.Bytes = Math.Max(0, GC.GetTotalMemory(forceFullCollection: false) - before);
                foreach (var future in all) future.Wait();
                yield return all.Length / Stopwatch.GetElapsedTime(began).TotalSeconds;
            }
        }
    }

    private static async IAsyncEnumerable<double> QueuedTasksAsync(Request request)
    {
        while (true)
        {
            var all = new Task<int>[(int)request.X];
            long before = GC.GetTotalMemory(forceFullCollection: true);
            long began = Stopwatch.GetTimestamp();
            for (int i = 0; i < all.Length; i++) all[i] = Task.Run(static () => 1);
            request.Bytes = Math.Max(0, GC.GetTotalMemory(forceFullCollection: false) - before);
            await Task.WhenAll(all);
            yield return all.Length / Stopwatch.GetElapsedTime(began).TotalSeconds;
        }
    }

    private static Func<int> BusyFor(int microseconds) => () => Busy(microseconds);

    private static Func<int> LengthOf(byte[] data) => () => data.Length;

    /// <summary>Keeps the processor busy for the given time, by reading the clock.</summary>
    private static int Busy(int microseconds)
    {
        long end = Stopwatch.GetTimestamp() + microseconds * (Stopwatch.Frequency / 1_000_000);
        while (Stopwatch.GetTimestamp() < end)
        {
        }

        return 1;
    }
}
