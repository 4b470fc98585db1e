using System.Diagnostics;
using System.Globalization;

namespace Samovar.Benchmarks.Processes;

/// <summary>What BenchmarkDotNet cannot measure well: throughput over many tasks, percentiles, starts, deaths. One figure a line.</summary>
/// <remarks><c>processes</c> runs all; <c>processes P1 P2</c> those; <c>processes peers</c>, with or without some, puts Python's pools and the
/// bare ring beside them.</remarks>
internal static class ProcessMeasures
{
    private const int Workers = 2;

    private static readonly (string Name, Func<Task> Run)[] s_all =
    [
        ("P1", SubmitsAsync), ("P2", RoundTripsAsync), ("P3", MapsAsync), ("P4", StartsAsync), ("P5", DeathsAsync), ("P9", LargeAsync),
        ("P19", MemoryAsync),
    ];

    public static async Task RunAsync(string[] names)
    {
        bool hasPeers = names.Contains("peers", StringComparer.OrdinalIgnoreCase);
        string[] wanted = [.. names.Where(static name => !name.Equals("peers", StringComparison.OrdinalIgnoreCase))];
        foreach (var (name, run) in s_all)
        {
            if (wanted.Length > 0 && !wanted.Contains(name, StringComparer.OrdinalIgnoreCase)) continue;
            await run();
            if (!hasPeers) continue;
            if (name == "P1") Peers.Ring(Say);
            await Peers.PythonAsync(name, Say);
        }
    }

    private static async Task SubmitsAsync()
    {
        const int tasks = 300_000;
        await using var pool = await WarmAsync(Workers);
        var rates = new List<double>();
        for (int round = 0; round < 6; round++)
        {
            var futures = new Future<int>[tasks];
            long began = Stopwatch.GetTimestamp();
            for (int i = 0; i < tasks; i++) futures[i] = pool.Submit(static () => 1);
            foreach (var future in futures) future.Wait();
            rates.Add(tasks / Stopwatch.GetElapsedTime(began).TotalSeconds);
        }

        Say("P1 no-op tasks a second, one future each, median", Median(rates), "/s");
        rates.Clear();
        for (int round = 0; round < 6; round++)
        {
            var futures = new Future<int>[tasks];
            long began = Stopwatch.GetTimestamp();
            for (int i = 0; i < tasks; i++)
            {
                int captured = i;
                futures[i] = pool.Submit(() => captured + 1);
            }

            foreach (var future in futures) future.Wait();
            rates.Add(tasks / Stopwatch.GetElapsedTime(began).TotalSeconds);
        }

        Say("P1 the same with one captured integer, median", Median(rates), "/s");
    }

    private static async Task RoundTripsAsync()
    {
        const int trips = 20_000;
        await using var pool = await WarmAsync(1);
        var times = new double[trips];
        for (int i = 0; i < trips; i++)
        {
            long began = Stopwatch.GetTimestamp();
            await pool.Submit(static () => 1);
            times[i] = Stopwatch.GetElapsedTime(began).TotalMicroseconds;
        }

        SayPercentiles("P2 round trip, awaited", times);
        for (int i = 0; i < trips; i++)
        {
            long began = Stopwatch.GetTimestamp();
            _ = pool.Submit(static () => 1).Result;
            times[i] = Stopwatch.GetElapsedTime(began).TotalMicroseconds;
        }

        SayPercentiles("P2 round trip, Submit().Result", times);
        times = new double[200];
        for (int i = 0; i < times.Length; i++)
        {
            await Task.Delay(2);
            long began = Stopwatch.GetTimestamp();
            await pool.Submit(static () => 1);
            times[i] = Stopwatch.GetElapsedTime(began).TotalMicroseconds;
        }

        SayPercentiles("P2 round trip, awaited after 2 ms of idleness", times);
    }

    private static async Task MapsAsync()
    {
        const int items = 100_000;
        await using var pool = await WarmAsync(Workers);
        var source = Enumerable.Range(0, items).ToArray();
        var rates = new List<double>();
        for (int round = 0; round < 20; round++)
        {
            long began = Stopwatch.GetTimestamp();
            await foreach (int unused in pool.Map(source, static item => item))
            {
                // The results themselves are not the matter.
            }

            rates.Add(items / Stopwatch.GetElapsedTime(began).TotalSeconds);
        }

        Say("P3 map over 100 k no-op items, median", Median(rates), "items/s");
        rates.Clear();
        for (int round = 0; round < 20; round++)
        {
            long began = Stopwatch.GetTimestamp();
            await foreach (var unused in pool.MapOutcomes(source, static item => item))
            {
                // As above.
            }

            rates.Add(items / Stopwatch.GetElapsedTime(began).TotalSeconds);
        }

        Say("P3 the same with outcomes, median", Median(rates), "items/s");
        await CaptureAsync(pool, "a string", "a captured string");
        await CaptureAsync(pool, Enumerable.Range(0, 20_000).ToDictionary(static n => $"key {n}"), "20,000 captured entries");
    }

    private static async Task CaptureAsync<T>(ProcessExecutor pool, T captured, string what)
        where T : class
    {
        const int items = 20_000;
        var rates = new List<double>();
        for (int round = 0; round < 10; round++)
        {
            long began = Stopwatch.GetTimestamp();
            await foreach (int unused in pool.Map(Enumerable.Range(0, items), item => captured is null ? 0 : item))
            {
                // As above.
            }

            rates.Add(items / Stopwatch.GetElapsedTime(began).TotalSeconds);
        }

        Say($"P3 map over 20 k no-op items, with {what}, median", Median(rates), "items/s");
    }

    private static async Task StartsAsync()
    {
        var times = new List<double>();
        for (int round = 0; round < 9; round++)
        {
            long began = Stopwatch.GetTimestamp();
            await using var pool = new ProcessExecutor(new() { Workers = 1 });
            await pool.Submit(static () => 1);
            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        Say("P4 executor built -> first result, median", Median(times), "ms");
        Say("P4 the first of all in this process", times[0], "ms");
        times.Clear();
        for (int round = 0; round < 9; round++)
        {
            await using var pool = await WithSpareAsync();
            int id = await pool.Submit(static () => Environment.ProcessId);
            Process.GetProcessById(id).Kill();
            long began = Stopwatch.GetTimestamp();
            while (true)
            {
                try
                {
                    await pool.Submit(static () => 1);
                    break;
                }
                catch (WorkerCrashedException)
                {
                    // It went to the one that was killed.
                }
            }

            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        Say("P4/P5 worker killed -> result from the spare, median", Median(times), "ms");
    }

    private static async Task DeathsAsync()
    {
        var times = new List<double>();
        await using var pool = await WarmAsync(1);
        for (int round = 0; round < 9; round++)
        {
            int id = await pool.Submit(static () => Environment.ProcessId);
            var victim = pool.Submit(static () => new ManualResetEventSlim().Wait());
            while (victim.State != FutureState.Running) await Task.Yield();
            Process.GetProcessById(id).Kill();
            long began = Stopwatch.GetTimestamp();
            await pool.Submit(static () => 1);
            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        Say("P5 busy worker killed -> next result, no spare, median", Median(times), "ms");
    }

    private static async Task LargeAsync()
    {
        await using var pool = await WarmAsync(1);
        var bytes = new byte[256 << 20];
        Array.Fill(bytes, (byte)1);
        var times = new List<double>();
        for (int round = 0; round < 9; round++)
        {
            long began = Stopwatch.GetTimestamp();
            await pool.Submit(() => bytes.Length);
            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        Say("P9 256 MiB to a worker by value, median", Median(times), "ms");
    }

    private static async Task MemoryAsync()
    {
        await using var pool = await WarmAsync(1);
        int id = await pool.Submit(static () => Environment.ProcessId);
        using var worker = Process.GetProcessById(id);
        Say("P19 resident memory of a worker after 1,000 tasks", worker.WorkingSet64 / 1e6, "MB");
        await using var fresh = new ProcessExecutor(new() { Workers = 1 });
        int other = await fresh.Submit(static () => Environment.ProcessId);
        using var idle = Process.GetProcessById(other);
        Say("P19 resident memory of a worker after one task", idle.WorkingSet64 / 1e6, "MB");
    }

    private static async Task<ProcessExecutor> WithSpareAsync()
    {
        var pool = new ProcessExecutor(new() { Workers = 1, SpareWorkers = 1 });
        await pool.Submit(static () => 1);
        while (pool.GetStatistics().IdleWorkers < 2) await Task.Delay(5);
        return pool;
    }

    private static async Task<ProcessExecutor> WarmAsync(int workers)
    {
        var pool = new ProcessExecutor(new() { Workers = workers });
        await Task.WhenAll(Enumerable.Range(0, 1000 * workers).Select(_ => pool.Submit(static () => 1).AsTask()));
        return pool;
    }

    private static double Median(List<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    private static void SayPercentiles(string what, double[] times)
    {
        double[] sorted = [.. times.Order()];
        Say($"{what}, p50", sorted[sorted.Length / 2], "us");
        Say($"{what}, p99", sorted[sorted.Length * 99 / 100], "us");
    }

    private static void Say(string what, double value, string unit) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-64} {value,14:N1} {unit}"));
}
