using System.Diagnostics;
using System.Globalization;
using Samovar.Benchmarks.Processes;
using Samovar.Ipc;

namespace Samovar.Benchmarks.Ipc;

/// <summary>What locks between processes cost: alone, and handed over between two. One figure a line.</summary>
internal static class LockMeasures
{
    private const int Rounds = 7;
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(1);

    public static async Task RunAsync(string[] names)
    {
        Alone("lock, entered and left, nobody else", new ProcessLock(), static tested => tested.Enter().Dispose());
        Alone("semaphore, entered and left, nobody else", new ProcessSemaphore(2), static tested => tested.Enter().Dispose());
        Alone("reader-writer lock, read, nobody else", new ProcessReaderWriterLock(), static tested => tested.EnterRead().Dispose());
        Alone("event, looked at", new ProcessEvent(isSet: true), static tested => tested.Wait());
        using (var inProcess = new SemaphoreSlim(1))
        {
            Alone("beside it, SemaphoreSlim within one process", inProcess, static tested =>
            {
                tested.Wait();
                tested.Release();
            });
        }

        await HandedOverAsync();
        await AnsweredAsync();
        if (names.Contains("peers", StringComparer.OrdinalIgnoreCase)) await Peers.PythonAsync("all", Say, "locks.py");
    }

    private static void Alone<T>(string what, T tested, Action<T> once)
        where T : IDisposable
    {
        const int times = 2_000_000;
        using (tested)
        {
            var rounds = new List<double>();
            long start = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(start) < s_warmUp) Round(); // the compiler has come to its best code
            for (int round = 0; round < Rounds; round++) rounds.Add(Round());
            rounds.Sort();
            Say(what + ", median", rounds[Rounds / 2], "ns");
        }

        double Round()
        {
            long began = Stopwatch.GetTimestamp();
            for (int i = 0; i < times; i++) once(tested);
            return Stopwatch.GetElapsedTime(began).TotalNanoseconds / times;
        }
    }

    // Both want it all the time, so that each leaving hands it to the other.
    private static async Task HandedOverAsync()
    {
        const int times = 100_000;
        using var tested = new ProcessLock();
        using var ready = new ProcessBarrier(2);
        var child = ChildProcess.Start(Enter);
        long began = Enter();
        await child.JoinAsync();
        Say("lock, two processes that both want it, each entry", Stopwatch.GetElapsedTime(began).TotalMicroseconds / (2 * times), "us");

        long Enter()
        {
            ready.SignalAndWait();
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < times; i++) tested.Enter().Dispose();
            return start;
        }
    }

    private static async Task AnsweredAsync()
    {
        const int times = 50_000;
        using var ping = new ProcessSemaphore(0, 1);
        using var pong = new ProcessSemaphore(0, 1);
        var child = ChildProcess.Start(() =>
        {
            for (int i = 0; i < times; i++)
            {
                ping.Wait();
                pong.Release();
            }
        });
        long began = 0;
        for (int i = 0; i < times; i++)
        {
            ping.Release();
            pong.Wait();
            if (i == 0) began = Stopwatch.GetTimestamp();
        }

        Say("semaphores, there and back between two processes", Stopwatch.GetElapsedTime(began).TotalMicroseconds / times, "us");
        await child.JoinAsync();
    }

    private static void Say(string what, double value, string unit) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-70} {value,14:N2} {unit}"));
}
