using Samovar.Cluster.Protocol;

namespace Samovar.Cluster.Node;

/// <summary>The other nodes of the cluster that run the same build, as their beacons describe them. Thread-safe.</summary>
internal sealed class NodePeers(TimeProvider time)
{
    private static readonly TimeSpan s_forgotten = 3 * BeaconMessage.Interval;

    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, long> _seenAt = []; // gate
    private readonly Dictionary<Guid, int> _idle = []; // gate: the idle workers of nodes that have any; there are much fewer of those while there is work
    private long _cleanedAt = time.GetTimestamp(); // gate

    /// <summary>Whether there are other nodes.</summary>
    public bool Any
    {
        get
        {
            lock (_gate) return _seenAt.Count > 0;
        }
    }

    /// <summary>Records what another node reports.</summary>
    public void Note(Guid sender, BeaconMessage beacon)
    {
        lock (_gate)
        {
            if (beacon.State == NodeState.Gone) _seenAt.Remove(sender);
            else _seenAt[sender] = time.GetTimestamp();
            if (beacon is { State: NodeState.Accepting, Held: 0 } && beacon.Workers > beacon.Running) _idle[sender] = beacon.Workers - beacon.Running;
            else _idle.Remove(sender);
            if (time.GetElapsedTime(_cleanedAt) > s_forgotten) CleanLocked();
        }
    }

    /// <summary>Returns how many workers of other nodes are idle, and counts them as busy from now on, until their next beacon.</summary>
    public (int Workers, int Nodes) TakeIdle()
    {
        lock (_gate)
        {
            if (_idle.Count == 0) return (0, 0);
            var taken = (_idle.Values.Sum(), _idle.Count);
            _idle.Clear();
            return taken;
        }
    }

    private void CleanLocked()
    {
        _cleanedAt = time.GetTimestamp();
        foreach (var (id, _) in _seenAt.Where(peer => time.GetElapsedTime(peer.Value) > s_forgotten).ToList())
        {
            _seenAt.Remove(id);
            _idle.Remove(id);
        }
    }
}
