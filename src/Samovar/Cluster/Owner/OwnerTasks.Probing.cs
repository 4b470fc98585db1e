using Samovar.Cluster.Protocol;

namespace Samovar.Cluster.Owner;

/// <content>Attempts that their nodes may not run any more.</content>
internal sealed partial class OwnerTasks
{
    private long? _disturbedAt; // gate: when this owner itself was cut off or suspended; null if it was not

    /// <summary>Finds the attempts that other nodes run, of those that the broker has delivered again: it does so when the connection of a node has
    /// failed. Finds only those that the owner can repeat.</summary>
    /// <param name="sender">The node that has received them.</param>
    /// <param name="keys">The attempts.</param>
    /// <param name="patience">For how long nothing follows from a redelivery after this owner itself was cut off: a broker that restarts delivers
    /// everything again.</param>
    public List<NodeProbe> FindRedelivered(Guid sender, IEnumerable<TaskKey> keys, TimeSpan patience)
    {
        Dictionary<ClusterNodeInfo, NodeProbe> probes = [];
        lock (_gate)
        {
            if (_disturbedAt is { } at && presence.GetElapsedTime(at) < patience) return [];
            foreach (var key in keys)
            {
                if (!_sent.TryGetValue(key.Id, out var task) || task.Attempt != key.Attempt || task.Node is not { } node || node.Id == sender) continue;
                if (task.Probe is not null || task.HasEnded || task.Future.Options.Retry is not { } retry || key.Attempt >= retry.MaxAttempts) continue;
                if (!probes.TryGetValue(node, out var probe)) probes.Add(node, probe = new NodeProbe(node));
                probe.Tasks.Add((task, key.Attempt));
                task.Probe = probe;
            }
        }

        return [.. probes.Values];
    }

    /// <summary>Asks a node for the attempts that it has not reported since. Returns false if it has reported all.</summary>
    public bool SendProbe(NodeProbe probe)
    {
        lock (_gate)
        {
            List<TaskKey> keys = [.. UnansweredLocked(probe).Select(static entry => new TaskKey(entry.Task.Future.Id, entry.Attempt))];
            if (keys.Count == 0) return false;
            core.Send(probe.Node.Address, MessageKind.Probe, KeysMessage.Write(keys));
            return true;
        }
    }

    /// <summary>Returns the attempts that the node has not reported.</summary>
    public List<(ClusterTask Task, int Attempt)> FindUnanswered(NodeProbe probe)
    {
        lock (_gate) return UnansweredLocked(probe);
    }

    /// <summary>Removes attempts that the node has not reported, and returns them. The others keep running.</summary>
    /// <param name="probe">The question.</param>
    /// <param name="isLost">The attempts to remove, of those that are unanswered.</param>
    public List<(ClusterTask Task, int Attempt)> EndProbe(NodeProbe probe, HashSet<ClusterTask> isLost)
    {
        lock (_gate)
        {
            List<(ClusterTask Task, int Attempt)> lost = [];
            foreach (var entry in UnansweredLocked(probe))
            {
                entry.Task.Probe = null;
                if (!isLost.Contains(entry.Task)) continue;
                RemoveLocked(entry.Task, probe.Node);
                lost.Add(entry);
            }

            return lost;
        }
    }

    private static List<(ClusterTask Task, int Attempt)> UnansweredLocked(NodeProbe probe) =>
        probe.Tasks.FindAll(entry => entry.Task.Probe == probe && entry.Task.Attempt == entry.Attempt && entry.Task.Node == probe.Node);
}
