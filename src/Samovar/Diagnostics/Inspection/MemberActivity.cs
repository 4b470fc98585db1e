namespace Samovar.Diagnostics.Inspection;

/// <summary>What a member of a cluster knows at a moment.</summary>
/// <param name="Role">Its role: executor, node.</param>
/// <param name="Name">Its name.</param>
/// <param name="Cluster">The name of the cluster.</param>
/// <param name="State">The state of its connection: connecting, connected, blocked, interrupted, closed.</param>
internal sealed record MemberActivity(string Role, string Name, string Cluster, string State)
{
    /// <summary>The number of the executor; null for a node.</summary>
    public int? Executor { get; init; }

    /// <summary>Why there is no connection, or why the broker accepts no messages; null while it works.</summary>
    public string? Error { get; init; }

    /// <summary>How often the connection was interrupted.</summary>
    public long Interruptions { get; init; }

    /// <summary>The product of the broker; null until the first connection.</summary>
    public string? Broker { get; init; }

    /// <summary>The address of the broker; null until the first connection.</summary>
    public string? Endpoint { get; init; }

    /// <summary>What the broker cannot do.</summary>
    public IReadOnlyList<string> Limitations { get; init; } = [];

    /// <summary>The build of its program; null until it is known.</summary>
    public string? Build { get; init; }

    /// <summary>How many messages it has refused.</summary>
    public long Refused { get; init; }

    /// <summary>How many outcomes an executor has received and not used; null for a node.</summary>
    public long? Duplicates { get; init; }

    /// <summary>How many nodes an executor has lost; null for a node.</summary>
    public long? NodesLost { get; init; }

    /// <summary>The nodes that an executor knows, by name.</summary>
    public IReadOnlyList<NodeActivity> Nodes { get; init; } = [];

    /// <summary>What a node reports of itself; null for an executor.</summary>
    public NodeActivity? Self { get; init; }

    /// <summary>How many messages with tasks a node has received; null for an executor.</summary>
    public long? Received { get; init; }

    /// <summary>Why the worker processes of a node do not start; null if they do.</summary>
    public string? StartError { get; init; }
}
