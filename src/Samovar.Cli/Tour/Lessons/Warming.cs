namespace Samovar.Cli.Tour.Lessons;

/// <summary>Workers that are up, so that a lesson measures its work and not their start.</summary>
internal static class Warming
{
    public static async Task WarmUpAsync(this ProcessExecutor pool, int workers)
    {
        var seen = new HashSet<int>();
        for (int round = 0; seen.Count < workers && round < 100; round++)
        {
            await foreach (int id in pool.Map(Enumerable.Range(0, workers), static _ => Meet(), new() { BatchSize = 1 })) seen.Add(id);
        }
    }

    private static int Meet()
    {
        Blocked.For(TimeSpan.FromMilliseconds(1)); // so that one worker does not take all
        return Environment.ProcessId;
    }
}
