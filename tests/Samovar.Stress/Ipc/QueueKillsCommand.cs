using System.Diagnostics;
using Samovar.Stress.Processes;

namespace Samovar.Stress.Ipc;

/// <summary>Kills producers and consumers of a queue at random, and counts each item.</summary>
internal static class QueueKillsCommand
{
    public static async Task<int> RunAsync(CommandArguments arguments)
    {
        int count = arguments.Number("count", 200);
        var random = new Random(arguments.Number("seed", 1));
        var problems = new List<string>();
        long began = Stopwatch.GetTimestamp();
        foreach (int capacity in new[] { 1, 4, 256 })
        {
            await RoundAsync(new NumberPost(capacity), 6, random, []); // so that what is opened once is open
            var before = Footprint.Now();
            await RoundAsync(new NumberPost(capacity), count, random, problems);
            await RoundAsync(new TextPost(capacity), count, random, problems);
            Collect();
            var after = Footprint.Now();
            Console.WriteLine($"capacity {capacity}: {after}");
            problems.AddRange(after.GrowthSince(before));
        }

        Console.WriteLine($"{6 * count:N0} kills in {Stopwatch.GetElapsedTime(began).TotalSeconds:F0} s");
        foreach (string problem in problems) Console.WriteLine(problem);
        return problems.Count == 0 ? 0 : 1;
    }

    private static async Task RoundAsync(Post post, int kills, Random random, List<string> problems)
    {
        using (post)
        {
            var load = new QueueKillLoad(post, random);
            for (int i = 0; i < 2; i++)
            {
                load.StartProducer();
                load.StartConsumer();
            }

            for (int i = 0; i < kills; i++) await load.KillOneAsync();
            await load.DrainAsync();
            problems.AddRange(load.Problems());
            Console.WriteLine($"{post}: {load}");
        }
    }

    private static void Collect()
    {
        for (int i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }
}
