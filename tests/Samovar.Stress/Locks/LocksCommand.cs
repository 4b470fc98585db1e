using System.Diagnostics;

namespace Samovar.Stress.Locks;

/// <summary>Kills holders and waiters of locks at random, and looks whether anything is lost or hangs.</summary>
internal static class LocksCommand
{
    public static async Task<int> RunAsync(CommandArguments arguments)
    {
        var time = TimeSpan.FromMinutes(arguments.Number("minutes", 2));
        using var load = new LockLoad(arguments.Number("processes", 4), arguments.Number("seed", 1));
        long began = Stopwatch.GetTimestamp();
        await load.RoundAsync().ConfigureAwait(false); // so that what is opened once is open
        var before = Processes.Footprint.Now();
        Console.WriteLine($"     start  {before}");
        var problems = new List<string>();
        int shown = 0;
        while (Stopwatch.GetElapsedTime(began) < time && problems.Count == 0)
        {
            problems.AddRange(await load.RoundAsync().ConfigureAwait(false));
            if (load.Kills - shown < 200) continue;
            shown = load.Kills;
            Console.WriteLine($"{load.Kills,10:N0}  {Processes.Footprint.Now()}  {load}  {Stopwatch.GetElapsedTime(began).TotalSeconds:F0} s");
        }

        problems.AddRange(await load.AtEndAsync().ConfigureAwait(false));
        var after = Processes.Footprint.Now();
        Console.WriteLine($"       end  {after}");
        problems.AddRange(after.GrowthSince(before));
        Console.WriteLine($"{load.Kills:N0} kills in {Stopwatch.GetElapsedTime(began).TotalSeconds:F0} s: {load}");
        foreach (string problem in problems) Console.WriteLine(problem);
        return problems.Count == 0 ? 0 : 1;
    }
}
