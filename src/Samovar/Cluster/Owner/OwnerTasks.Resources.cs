using Samovar.Cluster.Protocol;
using Samovar.Tasks.Core;

namespace Samovar.Cluster.Owner;

/// <content>Tasks that were sent to one node, because it has the resources that they require.</content>
internal sealed partial class OwnerTasks
{
    /// <summary>Returns the address of a node; null if it is not known.</summary>
    public string? AddressOf(Guid node)
    {
        lock (_gate) return _nodes.TryGetValue(node, out var known) ? known.Address : null;
    }

    /// <summary>Takes a task back that was sent at least so long ago and that no node runs. Returns false if it is not there, or its work is not
    /// stored yet.</summary>
    public bool TryTakeUnclaimed(Future future, TimeSpan age)
    {
        lock (_gate)
        {
            if (!_sent.TryGetValue(future.Id, out var task) || task.Node is not null || task.IsPausing || task.IsStoring) return false;
            if (presence.GetElapsedTime(task.SentAt) < age || !future.TryTakeBack()) return false;
            _sent.Remove(future.Id);
            return true;
        }
    }

    /// <summary>Returns what a node has, and what others use of it.</summary>
    /// <param name="id">The node.</param>
    /// <param name="beacon">Its report.</param>
    /// <param name="owner">This owner.</param>
    public NodeResourcesReport ReportOf(Guid id, BeaconMessage beacon, Guid owner)
    {
        int own = 0;
        bool hasRefused = false;
        lock (_gate)
        {
            if (_nodes.TryGetValue(id, out var node)) (own, hasRefused) = (node.Running.Count, node.HasRefused);
        }

        return new NodeResourcesReport(id, beacon.Name, [.. beacon.Resources.DistinctBy(static one => one.Name).Select(static one => KeyValuePair.Create(one.Name, one.Total))])
        {
            IsOpen = true,
            Workers = beacon.Workers,
            OthersRunning = Math.Max(0, beacon.Running - own),
            HasRefused = hasRefused,
            UsedByOthers = beacon.Resources.DistinctBy(static one => one.Name).ToDictionary(
                static one => one.Name, one => one.Uses.Where(use => use.Owner != owner).Sum(static use => use.Amount), StringComparer.Ordinal),
        };
    }
}
