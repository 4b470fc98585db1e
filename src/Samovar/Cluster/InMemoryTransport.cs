using Samovar.Cluster.Memory;

namespace Samovar;

/// <summary>Connects the members of a cluster inside this process, without a broker: for tests, for development, and for programs that use a broker only
/// in production.</summary>
/// <remarks>
/// <para>All connections of one instance are connected to one another. Messages are lost when the instance is collected.</para>
/// <para>Thread-safe.</para>
/// </remarks>
public sealed class InMemoryTransport : ClusterTransport
{
    private readonly MemoryBroker _broker;

    /// <summary>Initializes a transport that delivers every message once and at once.</summary>
    public InMemoryTransport()
        : this(new InMemoryFaults())
    {
    }

    /// <summary>Initializes a transport that injects faults.</summary>
    /// <param name="faults">The faults.</param>
    /// <exception cref="ArgumentNullException"><paramref name="faults"/> is null.</exception>
    public InMemoryTransport(InMemoryFaults faults)
    {
        ArgumentNullException.ThrowIfNull(faults);
        _broker = new MemoryBroker(faults);
    }

    /// <inheritdoc/>
    public override string Endpoint => "memory";

    /// <inheritdoc/>
    public override bool IsLocal => true;

    /// <inheritdoc/>
    public override Task<ClusterConnection> ConnectAsync(ClusterMember member, ClusterReceiver receiver, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(member);
        ArgumentNullException.ThrowIfNull(receiver);
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult<ClusterConnection>(_broker.Connect(member, receiver));
    }

    /// <summary>Interrupts a connection, as a failure of the network does: its unacknowledged deliveries go to other members, a reply box that keeps no
    /// replies disappears, and its calls wait until <see cref="Restore"/>.</summary>
    /// <param name="connection">A connection of this transport.</param>
    /// <exception cref="ArgumentException">The connection belongs to another transport.</exception>
    public void Interrupt(ClusterConnection connection) => Own(connection).Interrupt();

    /// <summary>Ends the interruption of a connection.</summary>
    /// <param name="connection">A connection of this transport.</param>
    /// <exception cref="ArgumentException">The connection belongs to another transport.</exception>
    public void Restore(ClusterConnection connection) => Own(connection).Restore();

    private MemoryConnection Own(ClusterConnection connection) => connection is MemoryConnection own && ReferenceEquals(own.Source, _broker)
        ? own
        : throw new ArgumentException("The connection does not belong to this transport.", nameof(connection));
}
