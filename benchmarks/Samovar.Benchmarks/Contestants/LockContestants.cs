using Samovar.Ipc;

namespace Samovar.Benchmarks.Contestants;

/// <summary>Locks between processes: uncontended in nanoseconds, and contended by two processes in microseconds.</summary>
internal static class LockContestants
{
    public static IEnumerable<KeyValuePair<string, Contestant>> All =>
    [
        new("locks.enter Samovar", static request => AloneAsync(request, new ProcessLock(), static tested => tested.Enter().Dispose())),
        new("locks.enter .NET SemaphoreSlim (one process)", static request => AloneAsync(request, new SemaphoreSlim(1), static tested =>
        {
            tested.Wait();
            tested.Release();
        })),
        new("locks.semaphore Samovar", static request => AloneAsync(request, new ProcessSemaphore(2), static tested => tested.Enter().Dispose())),
        new("locks.read Samovar", static request => AloneAsync(request, new ProcessReaderWriterLock(), static tested => tested.EnterRead().Dispose())),
        new("locks.event Samovar", static request => AloneAsync(request, new ProcessEvent(isSet: true), static tested => tested.Wait())),
        new("locks.contended Samovar", ContendedAsync), new("locks.trip Samovar", TripsAsync),
    ];

    private static async IAsyncEnumerable<double> AloneAsync<T>(Request request, T tested, Action<T> once)
        where T : IDisposable
    {
        await Task.CompletedTask;
        using (tested)
        {
            while (true)
            {
                int times = request.Of(2_000_000, 1000);
                yield return 1e9 / Timing.Rate(times, () =>
                {
                    for (int i = 0; i < times; i++) once(tested);
                });
            }
        }
    }

    // Both processes enter the lock in a loop, so each exit passes it to the other one.
    private static async IAsyncEnumerable<double> ContendedAsync(Request request)
    {
        using var tested = new ProcessLock();
        using var together = new ProcessBarrier(2);
        using var counts = new ProcessQueue<int>(4);
        await using var child = ChildProcess.Start(() =>
        {
            while (counts.Take() is > 0 and var times)
            {
                together.SignalAndWait();
                EnterAll(tested, times);
                together.SignalAndWait();
            }
        });
        try
        {
            while (true)
            {
                int times = request.Of(100_000);
                counts.Put(times);
                together.SignalAndWait();
                yield return 1e6 / Timing.Rate(2 * times, () =>
                {
                    EnterAll(tested, times);
                    together.SignalAndWait();
                });
            }
        }
        finally
        {
            counts.Put(0);
            await child.JoinAsync();
        }
    }

    private static void EnterAll(ProcessLock tested, int times)
    {
        for (int i = 0; i < times; i++) tested.Enter().Dispose();
    }

    private static async IAsyncEnumerable<double> TripsAsync(Request request)
    {
        using var ping = new ProcessSemaphore(0, 1);
        using var pong = new ProcessSemaphore(0, 1);
        using var isOver = new ProcessEvent();
        await using var child = ChildProcess.Start(() =>
        {
            while (true)
            {
                ping.Wait();
                if (isOver.IsSet) return;
                pong.Release();
            }
        });
        try
        {
            while (true)
            {
                int times = request.Of(20_000);
                yield return 1e6 / Timing.Rate(times, () =>
                {
                    for (int i = 0; i < times; i++)
                    {
                        ping.Release();
                        pong.Wait();
                    }
                });
            }
        }
        finally
        {
            isOver.Set();
            ping.Release();
            await child.JoinAsync();
        }
    }
}
