using System.Collections.Concurrent;
using System.Globalization;

namespace Samovar.Cluster.Memory;

/// <summary>What the connections of an <see cref="InMemoryTransport"/> share: the queues of each cluster, its members and its blobs.</summary>
internal sealed class MemoryBroker(InMemoryFaults faults)
{
    private readonly ConcurrentDictionary<string, MemoryCluster> _clusters = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private readonly Random _random = new(faults.Seed); // gate
    private int _lastConnection; // Interlocked

    public TimeProvider Time => faults.TimeProvider;

    public MemoryConnection Connect(ClusterMember member, ClusterReceiver receiver)
    {
        string address = string.Create(CultureInfo.InvariantCulture, $"memory-{Interlocked.Increment(ref _lastConnection)}");
        var cluster = member.IsObserver
            ? _clusters.GetValueOrDefault(member.Cluster) ?? throw new ClusterConnectionException($"There is no cluster '{member.Cluster}' in this transport. Its first node or executor creates it.")
            : _clusters.GetOrAdd(member.Cluster, static _ => new MemoryCluster());
        var connection = new MemoryConnection(this, cluster, member, receiver, address);
        cluster.Add(connection);
        return connection;
    }

    /// <summary>Draws whether a message is delivered twice.</summary>
    public bool IsDuplicated()
    {
        if (faults.DuplicateRate == 0) return false;
        lock (_gate) return _random.NextDouble() < faults.DuplicateRate;
    }

    /// <summary>Draws how long a message is delayed.</summary>
    public TimeSpan NextDelay()
    {
        if (faults.MaxDelay == TimeSpan.Zero || faults.DelayRate == 0) return TimeSpan.Zero;
        lock (_gate) return _random.NextDouble() < faults.DelayRate ? faults.MaxDelay * _random.NextDouble() : TimeSpan.Zero;
    }
}
