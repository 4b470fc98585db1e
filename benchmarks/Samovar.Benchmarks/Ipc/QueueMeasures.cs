using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Samovar.Benchmarks.Processes;
using Samovar.Ipc;

namespace Samovar.Benchmarks.Ipc;

/// <summary>Queues between processes: rates and round trips. One figure a line.</summary>
/// <remarks><c>queues</c> runs all; <c>queues P6</c> those; <c>queues peers</c> puts Python's queues and pipes and the bare ring beside them.</remarks>
internal static class QueueMeasures
{
    private const int Capacity = 1 << 16;
    private const int Rounds = 7;

    private static readonly (string Name, Func<Task> Run)[] s_all = [("P6", NumbersAsync), ("P7", RoundTripsAsync), ("P8", KibibytesAsync), ("P9", HandOverAsync), ("4x4", ManyAsync)];

    public static async Task RunAsync(string[] names)
    {
        bool hasPeers = names.Contains("peers", StringComparer.OrdinalIgnoreCase);
        string[] wanted = [.. names.Where(static name => !name.Equals("peers", StringComparison.OrdinalIgnoreCase))];
        foreach (var (name, run) in s_all)
        {
            if (wanted.Length > 0 && !wanted.Contains(name, StringComparer.OrdinalIgnoreCase)) continue;
            await run();
            if (!hasPeers || name is "4x4" or "P9") continue;
            if (name == "P6") Peers.Ring(Say);
            await Peers.PythonAsync(name, Say, "queues.py");
        }
    }

    private static async Task NumbersAsync()
    {
        using var queue = new ProcessQueue<int>(Capacity);
        using var answers = new ProcessQueue<long>(4);
        foreach (bool inBatches in new[] { false, true })
        {
            var reader = ChildProcess.Start(() => Sum(queue, answers, inBatches));
            foreach (int count in new[] { 10_000, 100_000, 1_000_000, 10_000_000 })
            {
                int[] numbers = [.. Enumerable.Range(0, count)];
                var rates = new List<double>();
                for (int round = 0; round < (count < 1_000_000 ? 5 * Rounds : Rounds); round++)
                {
                    long began = Stopwatch.GetTimestamp();
                    if (inBatches) queue.PutMany(numbers);
                    else foreach (int n in numbers) queue.Put(n);
                    queue.Put(-1);
                    answers.Take();
                    rates.Add(count / Stopwatch.GetElapsedTime(began).TotalSeconds);
                }

                Say($"P6 {count:N0} integers to another process, {(inBatches ? "in batches" : "one by one")}, median", Median(rates), "/s");
            }

            queue.Put(-2);
            await reader.JoinAsync();
        }
    }

    private static void Sum(ProcessQueue<int> queue, ProcessQueue<long> answers, bool inBatches)
    {
        int[] some = new int[inBatches ? 4096 : 1];
        long sum = 0;
        while (true)
        {
            int count = 1;
            if (inBatches) count = queue.TakeMany(some);
            else some[0] = queue.Take();
            foreach (int n in some.AsSpan(0, count))
            {
                if (n == -2) return;
                if (n == -1) answers.Put(sum);
                sum = n == -1 ? 0 : sum + n;
            }
        }
    }

    private static async Task RoundTripsAsync()
    {
        const int trips = 100_000;
        using var there = new ProcessQueue<int>(16);
        using var back = new ProcessQueue<int>(16);
        var echo = ChildProcess.Start(() =>
        {
            while (there.Take() is >= 0 and var n) back.Put(n);
        });
        var times = new double[trips];
        for (int round = 0; round < 2; round++)
        {
            for (int i = 0; i < trips; i++)
            {
                long began = Stopwatch.GetTimestamp();
                there.Put(i);
                back.Take();
                times[i] = Stopwatch.GetElapsedTime(began).TotalMicroseconds;
            }
        }

        Say("P7 there and back, hot, p50", Median(times), "us");
        var idle = new double[300];
        for (int i = 0; i < idle.Length; i++)
        {
            await Task.Delay(2);
            long began = Stopwatch.GetTimestamp();
            there.Put(i);
            back.Take();
            idle[i] = Stopwatch.GetElapsedTime(began).TotalMicroseconds;
        }

        Say("P7 there and back, after 2 ms of idleness, p50", Median(idle), "us");
        TimeSpan before = Process.GetProcessById(echo.Id).TotalProcessorTime;
        await Task.Delay(1000);
        Say("P7 processor time of an idle second", (Process.GetProcessById(echo.Id).TotalProcessorTime - before).TotalMilliseconds, "ms");
        there.Put(-1);
        await echo.JoinAsync();
    }

    private static async Task KibibytesAsync()
    {
        const int count = 500_000;
        var end = default(Kibibyte);
        end[0] = 1;
        await StreamAsync("P8 structs of 1 KiB", count, default, static b => b[0] == 1, end);
        await StreamAsync("P8 byte arrays of 1 KiB", count, new byte[1024], static b => b.Length == 1, new byte[1]);
    }

    private static async Task StreamAsync<T>(string what, int count, T item, Func<T, bool> isEnd, T end)
    {
        using var queue = new ProcessQueue<T>(new ProcessQueueOptions { Capacity = 512, BytesPerProcess = 1 << 20 });
        using var answers = new ProcessQueue<long>(4);
        var reader = ChildProcess.Start(() =>
        {
            try
            {
                while (true)
                {
                    if (isEnd(queue.Take())) answers.Put(1);
                }
            }
            catch (ChannelClosedException)
            {
                // The measure is over.
            }
        });
        var rates = new List<double>();
        for (int round = 0; round < Rounds; round++)
        {
            long began = Stopwatch.GetTimestamp();
            for (int i = 0; i < count; i++) queue.Put(item);
            queue.Put(end);
            answers.Take();
            rates.Add(count / Stopwatch.GetElapsedTime(began).TotalSeconds);
        }

        Say($"{what}, median", Median(rates), "/s");
        queue.Complete();
        await reader.JoinAsync();
    }

    private static async Task HandOverAsync()
    {
        using var there = new ProcessQueue<SharedArray<byte>>(4);
        using var back = new ProcessQueue<long>(4);
        var reader = ChildProcess.Start(() =>
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
                // The measure is over.
            }
        });
        var times = new List<double>();
        for (int round = 0; round < 5 * Rounds; round++)
        {
            using var array = new SharedArray<byte>(256 << 20);
            array.Span.Fill(1);
            long began = Stopwatch.GetTimestamp();
            there.Put(array);
            back.Take();
            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        Say("P9 SharedArray of 256 MiB handed over, first and last byte read, answered, p50", Median(times), "ms");
        there.Complete();
        await reader.JoinAsync();
    }

    private static async Task ManyAsync()
    {
        double one = await PairsAsync(1);
        double four = await PairsAsync(4);
        Say("4x4: one producer, one consumer, processes", one, "/s");
        Say("4x4: four producers, four consumers, processes", four, "/s");
        Say("4x4: share of one pair", four / one, "");
    }

    private static async Task<double> PairsAsync(int pairs)
    {
        const int total = 8_000_000;
        using var queue = new ProcessQueue<int>(Capacity);
        using var begin = new ProcessQueue<int>(16);
        using var answers = new ProcessQueue<int>(16);
        int each = total / pairs;
        var producers = Enumerable.Range(0, pairs).Select(_ => ChildProcess.Start(() =>
        {
            answers.Put(0);
            begin.Take();
            for (int i = 0; i < each; i++) queue.Put(i);
        })).ToArray();
        var consumers = Enumerable.Range(0, pairs).Select(_ => ChildProcess.Start(() =>
        {
            answers.Put(0);
            try
            {
                while (true) queue.Take();
            }
            catch (ChannelClosedException)
            {
                answers.Put(1);
            }
        })).ToArray();
        for (int i = 0; i < 2 * pairs; i++) answers.Take();
        long began = Stopwatch.GetTimestamp();
        for (int i = 0; i < pairs; i++) begin.Put(1);
        foreach (var producer in producers) await producer.JoinAsync();
        queue.Complete();
        for (int i = 0; i < pairs; i++) answers.Take();
        double rate = total / Stopwatch.GetElapsedTime(began).TotalSeconds;
        foreach (var consumer in consumers) await consumer.JoinAsync();
        return rate;
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    private static void Say(string what, double value, string unit) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-70} {value,16:N2} {unit}"));

    [InlineArray(1024)]
    private struct Kibibyte
    {
        private byte _first;
    }
}
