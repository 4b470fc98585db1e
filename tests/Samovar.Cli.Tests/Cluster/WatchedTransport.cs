using System.Collections.Concurrent;

namespace Samovar.Cli.Tests.Cluster;

/// <summary>A transport in memory that counts attempts to connect, can refuse them, and knows the connections of its members by their names.</summary>
internal sealed class WatchedTransport : ClusterTransport
{
    private readonly InMemoryTransport _memory = new();
    private readonly ConcurrentDictionary<string, ClusterConnection> _connections = new(StringComparer.Ordinal);
    private ClusterConnectionException? _refusal; // Volatile
    private int _attempts; // Interlocked

    public ClusterConnectionException? Refusal
    {
        set => Volatile.Write(ref _refusal, value); // SYNC: refusal of attempts
    }

    public int Attempts => Volatile.Read(ref _attempts);

    public override string Endpoint => _memory.Endpoint;

    public override bool IsLocal => true;

    public void Interrupt(string member) => _memory.Interrupt(_connections[member]);

    public void Restore(string member) => _memory.Restore(_connections[member]);

    public override async Task<ClusterConnection> ConnectAsync(ClusterMember member, ClusterReceiver receiver, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _attempts);
        if (Volatile.Read(ref _refusal) is { } refusal) throw refusal; // SYNC: refusal of attempts
        return _connections[member.Name] = await _memory.ConnectAsync(member, receiver, cancellationToken);
    }
}
