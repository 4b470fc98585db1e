using System.Collections.Concurrent;

namespace Samovar.Hosting.Tests;

/// <summary>A transport in memory whose broker can be down, whose connections a test can interrupt, and that can hold back deliveries.</summary>
internal sealed class FlakyTransport : ClusterTransport
{
    private readonly ConcurrentDictionary<string, ClusterConnection> _connections = new(StringComparer.Ordinal);
    private int _attempts;
    private bool _isDown;

    public InMemoryTransport Memory { get; } = new();

    /// <summary>Whether attempts to connect fail.</summary>
    public bool IsDown
    {
        get => Volatile.Read(ref _isDown);
        set => Volatile.Write(ref _isDown, value);
    }

    public bool IsRemote { get; init; }

    public int Attempts => Volatile.Read(ref _attempts);

    public override string Endpoint => "memory";

    public override bool IsLocal => !IsRemote;

    public ClusterConnection Of(string member) => _connections[member];

    public void Interrupt(string member) => Memory.Interrupt(Of(member));

    public void Restore(string member) => Memory.Restore(Of(member));

    public override async Task<ClusterConnection> ConnectAsync(ClusterMember member, ClusterReceiver receiver, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _attempts);
        if (IsDown) throw new ClusterConnectionException("no broker");
        return _connections[member.Name] = await Memory.ConnectAsync(member, receiver, cancellationToken);
    }
}
