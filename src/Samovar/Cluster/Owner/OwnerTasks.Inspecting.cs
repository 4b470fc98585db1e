using Samovar.Cluster.Protocol;
using Samovar.Diagnostics.Inspection;

namespace Samovar.Cluster.Owner;

/// <content>The nodes, for an observer.</content>
internal sealed partial class OwnerTasks
{
    /// <summary>Returns the nodes that are known, by name.</summary>
    public List<NodeActivity> CaptureNodes()
    {
        List<NodeActivity> nodes;
        lock (_gate) nodes = [.. _nodes.Values.Select(DescribeLocked)];
        nodes.Sort(static (one, other) => string.CompareOrdinal(one.Name, other.Name) is not 0 and var order ? order : one.Id.CompareTo(other.Id));
        return nodes;
    }

    private NodeActivity DescribeLocked(ClusterNodeInfo node) =>
        node.Beacon is not { } beacon
            ? new NodeActivity(node.Id, node.Name, "unknown") { Own = node.Running.Count }
            : new NodeActivity(node.Id, node.Name, beacon.State == NodeState.Draining ? "draining" : "accepting")
            {
                Workers = beacon.Workers,
                Running = beacon.Running,
                Held = beacon.Held,
                Resources = [.. beacon.Resources.Select(static one => one.Statistics)],
                Own = node.Running.Count,
                Build = node.Build.ToString(),
                BeaconAge = presence.GetElapsedTime(node.BeaconAt),
            };
}
