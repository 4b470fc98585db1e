using System.Diagnostics;

namespace Samovar.Stress.Processes;

/// <summary>Kills workers at random under load, and looks at what is left.</summary>
internal static class KillsCommand
{
    public static async Task<int> RunAsync(CommandArguments arguments)
    {
        var load = new KillLoad(arguments.Number("workers", 4), arguments.Number("seed", 1));
        int count = arguments.Number("count", 1000);
        return await RunAsync(load, killed => killed < count).ConfigureAwait(false);
    }

    public static async Task<int> SoakAsync(CommandArguments arguments)
    {
        var load = new KillLoad(arguments.Number("workers", 4), arguments.Number("seed", 1));
        var time = TimeSpan.FromMinutes(arguments.Number("minutes", 60));
        long began = Stopwatch.GetTimestamp();
        return await RunAsync(load, _ => Stopwatch.GetElapsedTime(began) < time).ConfigureAwait(false);
    }

    private static async Task<int> RunAsync(KillLoad load, Func<int, bool> goesOn)
    {
        long began = Stopwatch.GetTimestamp();
        var problems = new List<string>();
        await using (load.ConfigureAwait(false))
        {
            await load.RoundAsync(kills: 20).ConfigureAwait(false); // so that what is opened once is open
            var before = Footprint.Now();
            Console.WriteLine($"      start  {before}");
            int shown = load.Kills;
            int first = load.Kills;
            while (goesOn(load.Kills - first) && problems.Count == 0)
            {
                problems.AddRange(await load.RoundAsync(kills: 20).ConfigureAwait(false));
                if (load.Kills - shown < 100) continue;
                shown = load.Kills;
                Console.WriteLine($"{load.Kills,11:N0}  {Footprint.Now()}  {load}  {Stopwatch.GetElapsedTime(began).TotalSeconds:F0} s");
            }

            await load.SettleAsync().ConfigureAwait(false);
            var after = Footprint.Now();
            Console.WriteLine($"        end  {after}");
            problems.AddRange(after.GrowthSince(before));
        }

        Console.WriteLine($"{load.Kills:N0} kills in {Stopwatch.GetElapsedTime(began).TotalSeconds:F0} s: {load}");
        foreach (string problem in problems) Console.WriteLine(problem);
        return problems.Count == 0 ? 0 : 1;
    }
}
