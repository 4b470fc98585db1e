using Samovar.Threads.Scheduling;

namespace Samovar.Tests.Testing;

/// <summary>How many tasks an executor on threads really runs at once.</summary>
internal static class Slots
{
    /// <summary>Exactly as many tasks as there are workers run at once, no more and no fewer, and none is running after.</summary>
    public static async Task ShouldHaveAllItsSlotsAsync(this ThreadExecutor executor)
    {
        var scheduler = (ThreadScheduler)executor.Core;
        int workers = executor.Workers, running = 0, most = 0;
        var release = new Gate();
        var futures = Enumerable.Range(0, workers + 3).Select(_ => executor.Submit(() =>
        {
            int now = Interlocked.Increment(ref running);
            int seen = Volatile.Read(ref most);
            while (now > seen) seen = Interlocked.CompareExchange(ref most, now, seen) is var current && current == seen ? now : current;
            release.Pass();
            Interlocked.Decrement(ref running);
        })).ToList();
        try
        {
            await TestTimeout.UntilAsync(() => Volatile.Read(ref running) >= workers);
            scheduler.SlotsTaken.ShouldBe(workers);
        }
        finally
        {
            release.Open();
        }

        (await Futures.WaitAsync(futures, timeout: TestTimeout.Wait)).Pending.ShouldBeEmpty();
        most.ShouldBe(workers);
        await TestTimeout.UntilAsync(() => scheduler.SlotsTaken == 0);
    }
}
