namespace Samovar;

/// <summary>A snapshot of a node's state and counters. Immutable. The numbers are read without stopping the node, so they may differ from each other by a
/// few tasks.</summary>
public sealed record ClusterNodeStatistics
{
    /// <summary>Gets the node's name.</summary>
    public required string Node { get; init; }

    /// <summary>Gets the name of the cluster.</summary>
    public required string Cluster { get; init; }

    /// <summary>Gets the connection to the cluster.</summary>
    public required ClusterConnectionStatus Connection { get; init; }

    /// <summary>Gets the maximum number of tasks that run at the same time.</summary>
    public required int Workers { get; init; }

    /// <summary>Gets the number of tasks that run, or are about to start.</summary>
    public required int Running { get; init; }

    /// <summary>Gets the number of tasks that the node has received and that wait for a worker.</summary>
    public required int Held { get; init; }

    /// <summary>Gets the number of messages from the task queues that the node has received since it was created. A message can carry several
    /// tasks.</summary>
    public required long ReceivedMessages { get; init; }

    /// <summary>Gets the number of messages that were refused because they were unsigned, altered, too old, or not from this cluster.</summary>
    public required long RefusedMessages { get; init; }

    /// <summary>Gets the resources of the node: what tasks of all executors have, and how many wait here for them. Empty if it has none, see
    /// <see cref="ClusterNodeOptions.Resources"/>.</summary>
    public IReadOnlyList<ResourceStatistics> Resources { get; init; } = [];

    /// <summary>Gets whether the node leaves the cluster, or has left: <see cref="ClusterNode.StopAsync"/> was called.</summary>
    public bool IsLeaving { get; init; }

    /// <summary>Gets whether worker processes can be started.</summary>
    public WorkerStartState WorkerStarts { get; init; }

    /// <summary>Gets why the last start of a worker process failed; null if it succeeded.</summary>
    public string? StartError { get; init; }
}
