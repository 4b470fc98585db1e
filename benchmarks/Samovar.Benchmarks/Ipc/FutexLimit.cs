using Samovar.Benchmarks.Contestants;
using Samovar.Ipc;
using Samovar.Ipc.Platform.Linux;

namespace Samovar.Benchmarks.Ipc;

/// <summary>The limit for round trips between two sleeping processes: two words in shared memory, and the futex system call.</summary>
internal static class FutexLimit
{
    private const int Apart = 32; // words: 128 bytes

    public static async IAsyncEnumerable<double> TripsAsync(Request request, int trips, TimeSpan rest)
    {
        if (!OperatingSystem.IsLinux()) throw new MissingPeerException("futexes exist only on Linux");
        using var words = new SharedArray<uint>(2 * Apart);
        await using var echo = ChildProcess.Start(() =>
        {
            uint seen = 0;
            do
            {
                seen = Await(words, 0, seen);
                Send(words, Apart, seen);
            }
            while (seen != uint.MaxValue);
        });
        uint number = 0;
        try
        {
            while (true)
            {
                yield return await Timing.MedianTimeAsync(request.Of(trips), () =>
                {
                    uint before = Volatile.Read(ref words[Apart]);
                    Send(words, 0, ++number);
                    Await(words, Apart, before);
                    return ValueTask.CompletedTask;
                }, rest);
            }
        }
        finally
        {
            Send(words, 0, uint.MaxValue);
            await echo.JoinAsync();
        }
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
