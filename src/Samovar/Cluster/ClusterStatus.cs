namespace Samovar;

/// <summary>What a <see cref="ClusterMonitor"/> has found out about its cluster. Immutable.</summary>
/// <param name="Queues">The messages in the queues.</param>
/// <param name="Nodes">The nodes that have answered, by name.</param>
/// <param name="Owners">How many programs that submit tasks have answered.</param>
public sealed record ClusterStatus(ClusterQueueDepth Queues, IReadOnlyList<ClusterNodeStatus> Nodes, int Owners)
{
    /// <summary>Gets the number of messages that arrived and could not be verified, because they are signed with another key, not signed, or altered. If
    /// it is more than zero and nodes are missing, the monitor probably has another key than they have. Default: 0.</summary>
    public int RefusedMessages { get; init; }

    /// <summary>Gets why the latest of them was refused, for an operator; null if no message was refused. Default: null.</summary>
    public string? RefusalReason { get; init; }
}
