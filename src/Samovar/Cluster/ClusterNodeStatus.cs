namespace Samovar;

/// <summary>What a node of a cluster reports of itself; see <see cref="ClusterStatus"/>. Immutable.</summary>
/// <param name="Name">The name of the node. It need not be unique.</param>
/// <param name="IsDraining">Whether the node leaves: it completes what it runs, and takes no more tasks.</param>
/// <param name="Workers">How many tasks it runs at the same time at most.</param>
/// <param name="Running">How many tasks it runs.</param>
/// <param name="Held">How many tasks it has received and not started.</param>
/// <param name="Build">The build of its program: the first 12 hexadecimal digits. It runs tasks of other builds too, unless <see cref="ClusterNodeOptions.RunsOtherPrograms"/> is false.</param>
public sealed record ClusterNodeStatus(string Name, bool IsDraining, int Workers, int Running, int Held, string Build)
{
    /// <summary>Gets what identifies the node in this cluster; it is new each time the node starts.</summary>
    public Guid Id { get; init; }

    /// <summary>Gets the resources of the node: what tasks of all executors have, and how many wait there for them. Empty if it has none.</summary>
    public IReadOnlyList<ResourceStatistics> Resources { get; init; } = [];

    /// <summary>The address of its reply box.</summary>
    internal string Address { get; init; } = "";
}
