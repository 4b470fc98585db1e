using System.Collections.Concurrent;

namespace Samovar.Tests.Cluster;

/// <summary>A transport in memory that remembers the connections of its members, so that a test can interrupt them.</summary>
internal sealed class RecordingTransport(InMemoryFaults? faults = null) : ClusterTransport
{
    private readonly ConcurrentDictionary<string, ClusterConnection> _connections = new(StringComparer.Ordinal);
    private Exception? _refusal;

    public InMemoryTransport Memory { get; } = new(faults ?? new());

    /// <summary>The error of each attempt to connect; null for none.</summary>
    public Exception? Refusal
    {
        get => Volatile.Read(ref _refusal);
        set => Volatile.Write(ref _refusal, value);
    }

    /// <summary>Wraps the connection of a member; null for none.</summary>
    public Func<string, ClusterConnection, ClusterConnection>? Wrap { get; set; }

    public override string Endpoint => Memory.Endpoint;

    public override bool IsLocal => true;

    public ClusterConnection Of(string member) => _connections[member];

    public void Interrupt(string member) => Memory.Interrupt(Of(member));

    public void Restore(string member) => Memory.Restore(Of(member));

    public override async Task<ClusterConnection> ConnectAsync(ClusterMember member, ClusterReceiver receiver, CancellationToken cancellationToken = default)
    {
        if (Refusal is { } refusal) throw refusal;
        var connection = _connections[member.Name] = await Memory.ConnectAsync(member, receiver, cancellationToken);
        return Wrap?.Invoke(member.Name, connection) ?? connection;
    }
}
