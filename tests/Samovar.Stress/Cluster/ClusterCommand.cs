using Samovar.Stress.Cluster.Faults;
using Samovar.Stress.Cluster.Simulation;

namespace Samovar.Stress.Cluster;

/// <summary>The runs of clusters; the first argument names one.</summary>
internal static class ClusterCommand
{
    private static readonly Dictionary<string, Func<CommandArguments, Task<int>>> s_runs = new(StringComparer.Ordinal)
    {
        ["simulate"] = SimulateCommand.RunAsync,
        ["stop"] = StopCommand.RunAsync,
        ["acktimeout"] = AckTimeoutCommand.RunAsync,
        ["rolling"] = RollingCommand.RunAsync,
        ["brokers"] = BrokersCommand.RunAsync,
        ["replies"] = RepliesCommand.RunAsync,
    };

    public static string Usage => $"{string.Join('|', s_runs.Keys)}; simulate SEED (1) --seeds N (1) --nodes N (1000) --tasks N (1000000) --minutes N (60) --faults N (1); stop --seconds N (40) --rate N (40); brokers --seconds N (20) --rate N (40) --tick N (10); acktimeout --seconds N (60); rolling --count N (10) --rate N (40); replies --brokers N (1) --count N (5000) --rounds N (5)";

    public static async Task<int> RunAsync(CommandArguments arguments)
    {
        if (arguments.Word(0) is { } name && s_runs.TryGetValue(name, out var run)) return await run(arguments).ConfigureAwait(false);
        await Console.Error.WriteLineAsync($"usage: Samovar.Stress cluster {Usage}").ConfigureAwait(false);
        return 2;
    }
}
