using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Samovar.Tests.Cluster;

/// <summary>The simulation of clusters (tests/Samovar.Stress), at a small scale. It runs in a process of its own, whose thread pool has one thread.</summary>
public sealed partial class SimulationTests
{
    [ProcessFact]
    public async Task Clusters_of_20_nodes_keep_their_promises_whatever_happens_to_nodes_and_connections()
    {
        string output = await SimulateAsync("1", "--seeds", "5", "--nodes", "20", "--tasks", "2000");
        output.ShouldContain("5 of 5 seeds held");
    }

    [ProcessFact]
    public async Task A_simulation_is_repeatable()
    {
        string[] arguments = ["7", "--nodes", "20", "--tasks", "2000"];
        string first = DigestIn(await SimulateAsync(arguments));
        DigestIn(await SimulateAsync(arguments)).ShouldBe(first);
        DigestIn(await SimulateAsync("8", "--nodes", "20", "--tasks", "2000")).ShouldNotBe(first);
    }

    private static string DigestIn(string output) => Digest().Match(output) is { Success: true } match ? match.Value : throw new InvalidOperationException(output);

    [GeneratedRegex("[0-9,]+ events, digest [0-9a-f]{16}", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Digest();

    private static async Task<string> SimulateAsync(params string[] arguments)
    {
        // Both programs are built side by side: bin/<project>/<configuration>.
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        string program = Path.Combine(here.Parent!.Parent!.FullName, "Samovar.Stress", here.Name, "Samovar.Stress.dll");
        var start = new ProcessStartInfo("dotnet", [program, "cluster", "simulate", .. arguments]) { UseShellExecute = false, RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        process.ExitCode.ShouldBe(0, output);
        return output;
    }
}
