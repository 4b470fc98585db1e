using System.Diagnostics;
using Samovar.Ipc;

namespace Samovar.Benchmarks.Ipc;

/// <summary>The limit of round trips between two processes that sleep: two words in shared memory, and the system's call.</summary>
internal static class FutexLimit
{
    private const int Apart = 32; // words: 128 bytes

    public static async Task RunAsync(Action<string, double, string> say)
    {
        using var words = new SharedArray<uint>(2 * Apart);
        var echo = ChildProcess.Start(() =>
        {
            uint seen = 0;
            do
            {
                seen = Await(words, 0, seen);
                Send(words, Apart, seen);
            }
            while (seen != uint.MaxValue);
        });
        say("limit: bare futexes, there and back, hot, p50", await MedianAsync(words, 3000, static () => Task.CompletedTask, first: 1), "us");
        say("limit: bare futexes, there and back, after 2 ms of idleness, p50", await MedianAsync(words, 300, static () => Task.Delay(2), first: 10_000), "us");
        Send(words, 0, uint.MaxValue);
        await echo.JoinAsync();
    }

    private static async Task<double> MedianAsync(SharedArray<uint> words, int trips, Func<Task> pause, uint first)
    {
        double[] times = new double[trips];
        for (int i = 0; i < trips; i++)
        {
            await pause();
            long began = Stopwatch.GetTimestamp();
            uint before = Volatile.Read(ref words[Apart]);
            Send(words, 0, first + (uint)i);
            Await(words, Apart, before);
            times[i] = Stopwatch.GetElapsedTime(began).TotalMicroseconds;
        }

        Array.Sort(times);
        return times[trips / 2];
    }

    private static unsafe void Send(SharedArray<uint> words, int index, uint value)
    {
        fixed (uint* word = &words[index])
        {
            Volatile.Write(ref *word, value);
            if (OperatingSystem.IsLinux()) LinuxMemory.FutexWake(word);
        }
    }

    private static unsafe uint Await(SharedArray<uint> words, int index, uint seen)
    {
        fixed (uint* word = &words[index])
        {
            while (true)
            {
                uint found = Volatile.Read(ref *word);
                if (found != seen) return found;
                if (OperatingSystem.IsLinux()) LinuxMemory.FutexWait(word, seen, null);
            }
        }
    }
}
