namespace Samovar.Hosting.Configuration;

/// <summary>Which options a section of the configuration may have. Immutable.</summary>
/// <param name="Owner">What the options belong to, for errors.</param>
/// <param name="Excluded">Properties that could be configured, but are not.</param>
/// <param name="Others">Keys that are read elsewhere.</param>
internal sealed record OptionKeys(string Owner, IReadOnlyList<string> Excluded, IReadOnlyList<string> Others)
{
    public static OptionKeys OfExecutor { get; } = new("executor", [nameof(ExecutorOptions.Name)], [ExecutorSettings.StartEagerlyKey]);

    public static OptionKeys OfNode { get; } = new("node", [], [nameof(ClusterNodeOptions.WorkerOptions)]);

    /// <summary>Without those that the node sets itself.</summary>
    public static OptionKeys OfNodeWorkers { get; } = new(
        "node's workers",
        [nameof(ProcessExecutorOptions.Name), nameof(ProcessExecutorOptions.Workers), nameof(ProcessExecutorOptions.QueueCapacity), nameof(ProcessExecutorOptions.QueueFullMode),
            nameof(ProcessExecutorOptions.Resources)],
        []);
}
