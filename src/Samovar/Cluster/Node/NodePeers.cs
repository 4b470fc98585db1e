using Samovar.Cluster.Protocol;

namespace Samovar.Cluster.Node;

/// <summary>The other nodes of the cluster that run the same build, as their beacons describe them. Thread-safe.</summary>
internal sealed class NodePeers(TimeProvider time)
{
    private static readonly TimeSpan s_forgotten = 3 * BeaconMessage.Interval;

    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, Peer> _peers = []; // gate

    /// <summary>Whether there are other nodes.</summary>
    public bool Any
    {
        get
        {
            lock (_gate) return _peers.Count > 0;
        }
    }

    /// <summary>Records what another node reports.</summary>
    public void Note(Guid sender, BeaconMessage beacon)
    {
        lock (_gate)
        {
            if (beacon.State == NodeState.Gone)
            {
                _peers.Remove(sender);
                return;
            }

            int idle = beacon is { State: NodeState.Accepting, Held: 0 } ? Math.Max(0, beacon.Workers - beacon.Running) : 0;
            _peers[sender] = new Peer(idle, time.GetTimestamp());
        }
    }

    /// <summary>Returns how many workers of other nodes are idle, and counts them as busy from now on, until their next beacon.</summary>
    public (int Workers, int Nodes) TakeIdle()
    {
        lock (_gate)
        {
            int workers = 0, nodes = 0;
            foreach (var (id, peer) in _peers.ToList())
            {
                if (time.GetElapsedTime(peer.SeenAt) > s_forgotten)
                {
                    _peers.Remove(id);
                }
                else if (peer.Idle > 0)
                {
                    workers += peer.Idle;
                    nodes++;
                    _peers[id] = peer with { Idle = 0 };
                }
            }

            return (workers, nodes);
        }
    }

    private readonly record struct Peer(int Idle, long SeenAt);
}
