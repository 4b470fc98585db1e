using Samovar.Cli.Cluster;
using Samovar.Cli.Map.Targets;

namespace Samovar.Cli.Map.Running;

/// <summary>The settings with which items are run.</summary>
internal sealed record RunSettings
{
    /// <summary>In an ordered run, the maximum number of items in flight, which limits how far others run ahead of a slow item.</summary>
    private const int OrderedAhead = 16 * 1024;

    /// <summary>On a cluster, the maximum number of items in flight, whatever the number of nodes: others may join.</summary>
    private const int ClusterAhead = 4 * 1024;

    /// <summary>In an ordered run of commands, the maximum number of items in flight: each may hold open a file with its output.</summary>
    private const int OrderedCommandsAhead = 1024;

    public Engine Engine { get; init; }

    /// <summary>Whether the items run as commands, which limit their time themselves.</summary>
    public bool RunsCommands { get; init; }

    /// <summary>The cluster on which the items run; null for this machine.</summary>
    public ClusterTarget? Cluster { get; init; }

    public int Workers { get; init; } = Environment.ProcessorCount;

    public TimeSpan? Timeout { get; init; }

    /// <summary>The number of attempts after the first.</summary>
    public int Retries { get; init; }

    /// <summary>The memory in bytes above which a worker is replaced after an item. The worker's heap is limited to twice as much.</summary>
    public long? MemoryLimit { get; init; }

    public int? MaxItemsPerWorker { get; init; }

    public bool KeepOrder { get; init; }

    public HaltRule? Halt { get; init; }

    public BadInput BadInput { get; init; }

    /// <summary>Creates the executor.</summary>
    /// <param name="target">The target.</param>
    /// <param name="said">Called with each line that a worker of this machine writes.</param>
    public Executor CreateExecutor(Target target, Action<WorkerOutputLine> said)
    {
        if (Cluster is { } cluster) return CreateExecutor(cluster, target);
        return Engine switch
        {
            Engine.Threads => new ThreadExecutor(new() { Name = "map", Workers = Workers }),
            Engine.Inline => new InlineExecutor(new() { Name = "map" }),
            _ => new ProcessExecutor(new()
            {
                Name = "map",
                Workers = Workers,
                RuntimeConfiguration = target.RuntimeConfiguration,
                MemoryLimitPerWorker = MemoryLimit,
                HeapLimit = MemoryLimit * 2,
                MaxTasksPerWorker = MaxItemsPerWorker,
                OutputReceived = said,
            }),
        };
    }

    /// <summary>Creates the executor of a cluster.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="target">The target that travels with the tool; null for none.</param>
    public static ClusterExecutor CreateExecutor(ClusterTarget cluster, Target? target = null)
    {
        try
        {
            return new ClusterExecutor(cluster.Transport, new()
            {
                Name = "map",
                Cluster = cluster.Name,
                Keys = cluster.Keys,
                Folders = target is null ? [] : new Dictionary<string, string> { [ItemCall.TargetFolder] = Path.GetDirectoryName(target.AssemblyPath)! },
                RuntimeConfiguration = target?.RuntimeConfiguration,
            });
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            throw new UsageException($"{target?.Name ?? "The tool"} cannot be sent to the nodes of the cluster: {error.Message}");
        }
    }

    public MapOptions CreateMapOptions() => new()
    {
        Ordered = KeepOrder,
        MaxInFlight = KeepOrder && RunsCommands ? Math.Max(OrderedCommandsAhead, 2 * Workers) : KeepOrder ? OrderedAhead : Cluster is not null ? ClusterAhead : null,
        Timeout = RunsCommands ? null : Timeout,
        // These limits are checked after each task, so each item must be a task of its own.
        BatchSize = RunsCommands || Engine == Engine.Processes && (MaxItemsPerWorker is not null || MemoryLimit is not null) ? 1 : null,
        Retry = Retries == 0 ? null : new RetryPolicy
        {
            MaxAttempts = Retries + 1,
            RetryOn = static error => error is not ItemFailedException { Report: { Status: ItemStatus.Malformed } or { Command.CannotRun: true } },
        },
    };
}
