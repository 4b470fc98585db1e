namespace Samovar.Benchmarks.Contestants;

/// <summary>Calls whose results are kept on disk.</summary>
internal static class CacheContestants
{
    private const int Arguments = 1_000;

    public static IEnumerable<KeyValuePair<string, Contestant>> All => [new("P24 Samovar", static request => HitsAsync(request, 10)), new("P24.file Samovar", static request => HitsAsync(request, 64 << 10))];

    // Another argument each time, so that no call finds what the one before has read.
    private static async IAsyncEnumerable<double> HitsAsync(Request request, int size)
    {
        var folder = Directory.CreateTempSubdirectory("samovar-benchmarks-");
        try
        {
            await using var executor = new ThreadExecutor();
            using var cache = new DiskResultCache(folder.FullName);
            var repeated = executor.Cached("repeated", ((int Number, int Size) argument) => new string((char)('a' + argument.Number % 26), argument.Size / sizeof(char)), cache);
            for (int i = 0; i < Arguments; i++) await repeated.CallAsync((i, size));
            int next = 0;
            while (true)
            {
                yield return await Timing.MedianTimeAsync(request.Of(5_000), async () => await repeated.CallAsync((next++ % Arguments, size)));
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
