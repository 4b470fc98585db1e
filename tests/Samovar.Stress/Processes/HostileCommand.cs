using System.Diagnostics;
using Samovar.Ipc.Platform;

namespace Samovar.Stress.Processes;

/// <summary>Workers that write noise and forgeries into their own channels.</summary>
internal static class HostileCommand
{
    private const int RoundsEach = 50;

    public static async Task<int> RunAsync(CommandArguments arguments)
    {
        int count = arguments.Number("count", 1000);
        int seed = arguments.Number("seed", 1);
        long began = Stopwatch.GetTimestamp();
        var problems = new List<string>();
        problems.AddRange(await RunAsync(ChannelKind.Linux, seed, 2).ConfigureAwait(false)); // so that what is opened once is open
        problems.AddRange(await RunAsync(ChannelKind.Portable, seed, 2).ConfigureAwait(false));
        var before = Footprint.Now();
        for (int done = 0; done < count && problems.Count == 0; done += RoundsEach, seed++)
            problems.AddRange(await RunAsync(seed % 2 == 0 ? ChannelKind.Portable : ChannelKind.Linux, seed, Math.Min(RoundsEach, count - done)).ConfigureAwait(false));

        string[] growth = [.. Footprint.Now().GrowthSince(before)];
        foreach (string problem in growth) Console.WriteLine(problem);
        problems.AddRange(growth);
        Console.WriteLine($"{count:N0} hostile tasks in {Stopwatch.GetElapsedTime(began).TotalSeconds:F0} s");
        return problems.Count == 0 ? 0 : 1;
    }

    private static async Task<List<string>> RunAsync(ChannelKind channel, int seed, int rounds)
    {
        var problems = new List<string>();
        var load = new HostileLoad(channel, seed);
        await using (load.ConfigureAwait(false))
        {
            for (int round = 0; round < rounds && problems.Count == 0; round++) problems.AddRange(await load.RoundAsync().ConfigureAwait(false));
            Console.WriteLine($"{channel}, seed {seed}: {load}");
            foreach (string problem in problems) Console.WriteLine(problem);
        }

        return problems;
    }
}
