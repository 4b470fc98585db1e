using System.Diagnostics;
using System.Threading.Channels;
using Samovar.Ipc;

namespace Samovar.Benchmarks.Contestants;

/// <summary>Worker processes: throughput, round trips, maps, large values, memory.</summary>
internal static class PoolContestants
{
    private const int Workers = 2;
    private const int Large = 256 << 20;

    public static IEnumerable<KeyValuePair<string, Contestant>> All =>
    [
        new("P1 Samovar", SubmitsAsync), new("P1.metered Samovar", MeteredSubmitsAsync),
        new("P2 Samovar", AwaitedTripsAsync), new("P2.hot Samovar", WaitedTripsAsync),
        new("P3 Samovar", MapsAsync), new("P3.outcomes Samovar", OutcomesAsync), new("P3.captured Samovar", CapturesAsync),
        new("P9 Samovar", ByValueAsync), new("P9.shared Samovar", HandedOverAsync),
        new("P19 Samovar", MemoryAsync), new("P22 Samovar", CallsAsync), new("P22.trip Samovar", CallTripsAsync),
    ];

    private static async IAsyncEnumerable<double> SubmitsAsync(Request request)
    {
        await using var pool = await WarmAsync(Workers);
        while (true)
        {
            var futures = new Future<int>[request.Of(300_000)];
            yield return Timing.Rate(futures.Length, () =>
            {
                for (int i = 0; i < futures.Length; i++) futures[i] = pool.Submit(static () => 1);
                foreach (var future in futures) future.Wait();
            });
        }
    }

    private static async IAsyncEnumerable<double> MeteredSubmitsAsync(Request request)
    {
        using var listener = MetricListener.Start();
        await foreach (double rate in SubmitsAsync(request)) yield return rate;
    }

    private static async IAsyncEnumerable<double> AwaitedTripsAsync(Request request)
    {
        await using var pool = await WarmAsync(1);
        while (true) yield return await Timing.MedianTimeAsync(request.Of(10_000), async () => await pool.Submit(static () => 1));
    }

    private static async IAsyncEnumerable<double> WaitedTripsAsync(Request request)
    {
        await using var pool = await WarmAsync(1);
        while (true) yield return Timing.MedianTime(request.Of(20_000), () => _ = pool.Submit(static () => 1).Result);
    }

    private static async IAsyncEnumerable<double> CallsAsync(Request request)
    {
        await using var pool = await WarmAsync(1);
        await using var actor = await pool.CreateActorAsync(static () => new object());
        while (true)
        {
            var futures = new Future<int>[request.Of(300_000)];
            yield return Timing.Rate(futures.Length, () =>
            {
                for (int i = 0; i < futures.Length; i++) futures[i] = actor.CallAsync(static _ => 1);
                foreach (var future in futures) future.Wait();
            });
        }
    }

    private static async IAsyncEnumerable<double> CallTripsAsync(Request request)
    {
        await using var pool = await WarmAsync(1);
        await using var actor = await pool.CreateActorAsync(static () => new object());
        while (true) yield return await Timing.MedianTimeAsync(request.Of(10_000), async () => await actor.CallAsync(static _ => 1));
    }

    private static async IAsyncEnumerable<double> MapsAsync(Request request)
    {
        await using var pool = await WarmAsync(Workers);
        int[] items = [.. Enumerable.Range(0, 100_000)];
        while (true)
        {
            yield return await Timing.RateAsync(items.Length, async () =>
            {
                await foreach (int unused in pool.Map(items, static item => item))
                {
                    // Only the time matters.
                }
            });
        }
    }

    private static async IAsyncEnumerable<double> OutcomesAsync(Request request)
    {
        await using var pool = await WarmAsync(Workers);
        int[] items = [.. Enumerable.Range(0, 100_000)];
        while (true)
        {
            yield return await Timing.RateAsync(items.Length, async () =>
            {
                await foreach (var unused in pool.MapOutcomes(items, static item => item))
                {
                    // Only the time matters.
                }
            });
        }
    }

    private static async IAsyncEnumerable<double> CapturesAsync(Request request)
    {
        const int Items = 20_000;
        await using var pool = await WarmAsync(Workers);
        Dictionary<string, int> entries = Enumerable.Range(0, Items).ToDictionary(n => $"entry {n}", n => n);
        Dictionary<string, int> one = new() { ["entry 1"] = 1 };
        while (true)
        {
            double without = await RateAsync(pool, one);
            yield return without / await RateAsync(pool, entries);
        }

        static ValueTask<double> RateAsync(ProcessExecutor pool, Dictionary<string, int> entries) => Timing.RateAsync(Items, async () =>
        {
            await foreach (int unused in pool.Map(Enumerable.Range(0, Items), Lookup(entries)))
            {
                // Only the time matters.
            }
        });

        // A method of its own, because its closure is serialized and must not capture the pool.
        static Func<int, int> Lookup(Dictionary<string, int> entries) => item =>
        {
            int value = entries["entry 1"] + item;
            for (int i = 0; i < 3_000; i++) value = value * 31 + i;
            return value;
        };
    }

    private static async IAsyncEnumerable<double> ByValueAsync(Request request)
    {
        await using var pool = await WarmAsync(1);
        byte[] bytes = new byte[Large];
        Array.Fill(bytes, (byte)1);
        while (true) yield return await Timing.MedianTimeAsync(1, async () => await SendAsync(pool, bytes)) / 1e3;

        static Future<int> SendAsync(ProcessExecutor pool, byte[] bytes) => pool.Submit(Length(bytes));
        // A method of its own, because its closure is serialized and must not capture the pool.
        static Func<int> Length(byte[] bytes) => () => bytes.Length;
    }

    private static async IAsyncEnumerable<double> HandedOverAsync(Request request)
    {
        using var there = new ProcessQueue<SharedArray<byte>>(4);
        using var back = new ProcessQueue<long>(4);
        await using var reader = ChildProcess.Start(() =>
        {
            try
            {
                while (true)
                {
                    using SharedArray<byte> array = there.Take();
                    back.Put(array[0] + array[array.Length - 1]);
                }
            }
            catch (ChannelClosedException)
            {
                // The measurement has completed.
            }
        });
        using var array = new SharedArray<byte>(Large);
        try
        {
            while (true)
            {
                array.Span.Fill(1); // as in the peer: new data for each hand-over, in the same memory
                yield return Timing.MedianTime(1, () =>
                {
                    there.Put(array);
                    back.Take();
                }) / 1e3;
            }
        }
        finally
        {
            there.Complete();
            await reader.JoinAsync();
        }
    }

    private static async IAsyncEnumerable<double> MemoryAsync(Request request)
    {
        while (true)
        {
            await using var pool = new ProcessExecutor(new() { Workers = 1 });
            int id = await pool.Submit(static () => Environment.ProcessId);
            using var worker = Process.GetProcessById(id);
            yield return worker.WorkingSet64 / 1e6;
        }
    }

    public static async Task<ProcessExecutor> WarmAsync(int workers)
    {
        var pool = new ProcessExecutor(new() { Workers = workers });
        await Task.WhenAll(Enumerable.Range(0, 1000 * workers).Select(_ => pool.Submit(static () => 1).AsTask()));
        return pool;
    }
}
