using System.Diagnostics;

namespace Samovar.Stress.Races;

/// <summary>Races each operation's success with its cancellation, many times, and counts where end and effect disagree; and cancellations with
/// shutdowns.</summary>
internal static class RacesCommand
{
    public static async Task<int> RunAsync(CommandArguments arguments)
    {
        int rounds = arguments.Number("count", 5000);
        int shutdowns = arguments.Number("shutdowns", 50);
        int seed = arguments.Number("seed", 1);
        using var track = new RaceTrack();
        int broken = 0;
        foreach (var race in (CancelRace[])[.. QueueRaces.All, .. LockRaces.All, .. ExecutorRaces.All])
        {
            long began = Stopwatch.GetTimestamp();
            var count = await track.RunAsync(race, rounds, seed).ConfigureAwait(false);
            Console.WriteLine($"{race.Name,-50} {count.Canceled,7:N0} cancelled {count.Succeeded,7:N0} succeeded {count.Broken.Count,5:N0} broken  {Stopwatch.GetElapsedTime(began).TotalSeconds:F1} s");
            foreach (string problem in count.Broken.Take(3)) Console.WriteLine("  " + problem);
            broken += count.Broken.Count;
        }

        foreach (var (name, build) in ShutdownRace.Executors)
        {
            long began = Stopwatch.GetTimestamp();
            var problems = await ShutdownRace.RunAsync(build, shutdowns).ConfigureAwait(false);
            Console.WriteLine($"{"Submit, cancel, shut down: " + name,-50} {shutdowns,7:N0} rounds {problems.Count,32:N0} broken  {Stopwatch.GetElapsedTime(began).TotalSeconds:F1} s");
            foreach (string problem in problems.Take(3)) Console.WriteLine("  " + problem);
            broken += problems.Count;
        }

        return broken == 0 ? 0 : 1;
    }
}
