using System.Diagnostics;
using Samovar.Cluster.Protocol;

namespace Samovar.Cluster.Owner;

/// <summary>The nodes that have idle workers, and those that hold tasks which they have not started. Finds which of these give tasks to which of those,
/// so that nodes need not know each other. The gate of the <see cref="OwnerTasks"/> guards it.</summary>
internal sealed class NodeLoads
{
    private readonly HashSet<ClusterNodeInfo> _idle = [];
    private readonly SortedSet<ClusterNodeInfo> _holding = new(Comparer<ClusterNodeInfo>.Create(
        static (left, right) => left.Held != right.Held ? left.Held.CompareTo(right.Held) : left.Number.CompareTo(right.Number)));

    /// <summary>Forgets a node.</summary>
    public void Remove(ClusterNodeInfo node)
    {
        _idle.Remove(node);
        _holding.Remove(node);
        (node.Idle, node.Held) = (0, 0);
    }

    /// <summary>Records what a node reports of itself.</summary>
    /// <param name="node">The node.</param>
    /// <param name="beacon">The report.</param>
    public void Note(ClusterNodeInfo node, BeaconMessage beacon)
    {
        Remove(node);
        if (beacon.State != NodeState.Accepting) return;
        node.Held = beacon.Held;
        node.Idle = beacon.Held == 0 ? Math.Max(0, beacon.Workers - beacon.Running) : 0;
        if (node.Held > 0) _holding.Add(node);
        if (node.Idle > 0) _idle.Add(node);
    }

    /// <summary>Finds work for the idle workers of a node, or idle workers for what it holds. Both count as given until the nodes report again.</summary>
    /// <param name="node">The node that has reported.</param>
    /// <param name="idle">The nodes to which the result gives tasks; more than one only if that is <paramref name="node"/>.</param>
    /// <returns>The node that gives tasks; null for none.</returns>
    public ClusterNodeInfo? Match(ClusterNodeInfo node, out List<(Guid Node, int Workers)> idle)
    {
        idle = [];
        var giver = node.Idle > 0 ? _holding.Reverse().FirstOrDefault(other => other.Build == node.Build) : node.Held > 0 ? node : null;
        if (giver is null) return null;
        var takers = giver == node ? _idle.Where(other => other.Build == node.Build).Take(node.Held).ToList() : [node];
        if (takers.Count == 0) return null;
        foreach (var taker in takers)
        {
            idle.Add((taker.Id, taker.Idle));
            _idle.Remove(taker);
            taker.Idle = 0;
        }

        int workers = idle.Sum(static taker => taker.Workers);
        _holding.Remove(giver);
        giver.Held -= (int)Math.Max(1, (long)giver.Held * workers / (workers + Math.Max(1, giver.Workers))); // what the node does, too
        if (giver.Held > 0) _holding.Add(giver);
        CheckInvariants();
        return giver;
    }

    [Conditional("DEBUG")]
    private void CheckInvariants()
    {
        Debug.Assert(_idle.All(static node => node is { Idle: > 0, Held: 0 }), "a node with idle workers holds no task");
        Debug.Assert(_holding.All(static node => node is { Idle: 0, Held: > 0 }), "a node that holds tasks has no idle worker");
    }
}
