namespace Samovar;

/// <summary>Connects the members of a cluster through a message broker. A <see cref="ClusterExecutor"/> and its nodes use the same kind of transport
/// with the same settings.</summary>
/// <remarks>
/// <para>A transport moves bytes and never interprets them: the members sign what they send and check what they receive. It keeps four things apart:
/// <list type="bullet">
/// <item>task queues, one for each <see cref="TaskPriority"/>, which all members of a cluster share. A message in them is durable and goes to one
/// consumer, which acknowledges it; if that consumer is lost, the message goes to another one.</item>
/// <item>reply boxes, one for each connection, with an address that other members send to.</item>
/// <item>broadcasts to an audience: every connection of the cluster that belongs to it receives them, its own messages included.</item>
/// <item>blobs, which are stored under a key until they are deleted or expire.</item>
/// </list></para>
/// <para>Every message is delivered at least once, and possibly more than once. Implementations reconnect by themselves and send again what was not
/// confirmed. An instance holds settings only; it can be used for any number of connections, by any thread.</para>
/// </remarks>
public abstract class ClusterTransport
{
    /// <summary>Gets the broker's address for errors and logs, without a password.</summary>
    public abstract string Endpoint { get; }

    /// <summary>Gets whether messages never leave this machine. If they do, members require a key (<see cref="ClusterKeys"/>).</summary>
    public abstract bool IsLocal { get; }

    /// <summary>Opens a connection, and creates the queues of the cluster if they do not exist.</summary>
    /// <param name="member">The cluster to join, and the name of the member.</param>
    /// <param name="receiver">Receives what arrives at the connection.</param>
    /// <param name="cancellationToken">Cancels the attempt.</param>
    /// <returns>The open connection.</returns>
    /// <exception cref="ClusterConnectionException">The broker cannot be reached, refuses the connection, or cannot provide what a cluster needs. The
    /// message says what to do.</exception>
    public abstract Task<ClusterConnection> ConnectAsync(ClusterMember member, ClusterReceiver receiver, CancellationToken cancellationToken = default);
}
