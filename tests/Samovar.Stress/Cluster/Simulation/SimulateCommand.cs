using System.Diagnostics;
using System.Globalization;

namespace Samovar.Stress.Cluster.Simulation;

/// <summary>Simulates a cluster from a seed, or from several.</summary>
internal static class SimulateCommand
{
    public static async Task<int> RunAsync(CommandArguments arguments)
    {
        int first = arguments.Word(1) is { } word ? int.Parse(word, CultureInfo.InvariantCulture) : 1;
        int count = arguments.Number("seeds", 1);
        int nodes = arguments.Number("nodes", 1000);
        int tasks = arguments.Number("tasks", 1_000_000);
        var patience = TimeSpan.FromMinutes(arguments.Number("minutes", 60));
        VirtualTime.UseOneThread();
        int failed = 0;
        for (int seed = first; seed < first + count; seed++)
        {
            long began = Stopwatch.GetTimestamp();
            var simulation = new ClusterSimulation(seed, nodes, tasks, patience, arguments.Number("faults", 1));
            await Task.Run(simulation.RunAsync).ConfigureAwait(false);
            int problems = simulation.Journal.ProblemCount;
            if (count == 1 || problems > 0) Console.WriteLine(simulation.Describe());
            Console.WriteLine($"seed {seed}: {(problems == 0 ? "all held" : $"{problems:N0} problems")} in {simulation.VirtualSeconds:F0} s of virtual time, {Stopwatch.GetElapsedTime(began).TotalSeconds:F0} s");
            if (problems == 0) continue;
            foreach (string problem in simulation.Journal.Problems) Console.WriteLine($"  {problem}");
            Console.WriteLine($"repeat it with: cluster simulate {seed} --nodes {nodes} --tasks {tasks}");
            failed++;
        }

        if (count > 1) Console.WriteLine($"{count - failed:N0} of {count:N0} seeds held");
        return failed == 0 ? 0 : 1;
    }
}
