namespace Samovar.Cluster.Owner;

/// <summary>Attempts that a node may not run any more, because the broker has delivered their messages again. The owner asks the node whether it has them.</summary>
internal sealed class NodeProbe(ClusterNodeInfo node)
{
    public ClusterNodeInfo Node => node;

    /// <summary>The attempts. Those whose <see cref="ClusterTask.Probe"/> is not this one were reported meanwhile.</summary>
    public List<(ClusterTask Task, int Attempt)> Tasks { get; } = [];
}
