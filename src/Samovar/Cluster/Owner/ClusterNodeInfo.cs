using Samovar.Cluster.Protocol;

namespace Samovar.Cluster.Owner;

/// <summary>A node as its owner knows it. The gate of the <see cref="OwnerTasks"/> guards what changes.</summary>
internal sealed class ClusterNodeInfo(Guid id, string name, string address)
{
    public Guid Id => id;

    public string Name => name;

    public string Address => address;

    /// <summary>How many tasks it runs at the same time; 0 until it has reported that.</summary>
    public int Workers { get; set; }

    public NodeState State { get; set; }

    /// <summary>When its last message arrived, as a timestamp of the clock of the <see cref="OwnerTasks"/>.</summary>
    public long SeenAt { get; set; }

    /// <summary>The tasks that it runs for this owner.</summary>
    public HashSet<ClusterTask> Running { get; } = [];
}
