using System.Diagnostics.CodeAnalysis;
using Samovar.RabbitMQ.Checking;
using Samovar.RabbitMQ.Connections;

namespace Samovar;

/// <summary>Connects the members of a cluster through RabbitMQ, version 3.10 or later.</summary>
/// <remarks>
/// <para>Task queues are quorum queues, which survive a restart of the broker and the loss of a minority of brokers. Blobs are streams. All queues of a
/// cluster begin with <c>samovar.</c> and the cluster's name, so several clusters can share a virtual host.</para>
/// <para>A connection to the cluster is two connections to the broker, one to publish and one to consume, because a broker that is short of memory or disk
/// stops reading from those that publish. The transport reconnects by itself, with pauses from 50 ms to 5 s.</para>
/// <para>Thread-safe.</para>
/// </remarks>
public sealed class RabbitMQTransport : ClusterTransport
{
    private readonly BrokerAddress _address;

    /// <summary>Initializes a transport.</summary>
    /// <param name="uri">The address of the broker: <c>amqp://user:password@host:5672/vhost</c>, or <c>amqps</c> for TLS. Without a user it is
    /// <c>guest</c>, without a port 5672, or 5671 for TLS, and without a virtual host <c>/</c>. A character that has a meaning in addresses is
    /// percent-encoded.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <exception cref="ArgumentException">The address is not valid. The message does not contain it, because it can have a password.</exception>
    [SuppressMessage("Design", "CA1054:URI-like parameters should not be strings", Justification = "The other constructor takes a Uri.")]
    public RabbitMQTransport(string uri, RabbitMQTransportOptions? options = null)
        : this(ParseUri(uri), options)
    {
    }

    /// <summary>Initializes a transport.</summary>
    /// <param name="uri">The address of the broker, as in <see cref="RabbitMQTransport(string, RabbitMQTransportOptions)"/>.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <exception cref="ArgumentException">The address is not valid. The message does not contain it, because it can have a password.</exception>
    public RabbitMQTransport(Uri uri, RabbitMQTransportOptions? options = null)
    {
        _address = BrokerAddress.Parse(uri);
        Options = options ?? new RabbitMQTransportOptions();
    }

    /// <summary>Gets the options.</summary>
    public RabbitMQTransportOptions Options { get; }

    /// <summary>Gets the broker's address for errors and logs, such as <c>amqp://user@host:5672/vhost</c>, without a password.</summary>
    public override string Endpoint => _address.ToString();

    /// <summary>Gets whether the host is this machine's loopback, so that messages never leave the machine.</summary>
    public override bool IsLocal => _address.IsLoopback;

    /// <summary>Opens a connection, and creates the queues of the cluster if they do not exist.</summary>
    /// <param name="member">The cluster to join, and the name of the member.</param>
    /// <param name="receiver">Receives what arrives at the connection.</param>
    /// <param name="cancellationToken">Cancels the attempt.</param>
    /// <returns>The open connection.</returns>
    /// <exception cref="ClusterConnectionException">The broker cannot be reached, refuses the connection, is older than version 3.10, or has a queue of
    /// the cluster with other arguments. The message says what to do. There is one attempt only.</exception>
    public override async Task<ClusterConnection> ConnectAsync(ClusterMember member, ClusterReceiver receiver, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(member);
        ArgumentNullException.ThrowIfNull(receiver);
        return await RabbitMQConnection.OpenAsync(_address, Options, member, receiver, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Checks whether a cluster can use the broker.</summary>
    internal Task<IReadOnlyList<BrokerFinding>> CheckAsync(CancellationToken cancellationToken) => new BrokerCheck(_address, Options).RunAsync(cancellationToken);

    private static Uri ParseUri(string uri)
    {
        ArgumentNullException.ThrowIfNull(uri);
        return Uri.TryCreate(uri, UriKind.Absolute, out Uri? parsed) ? parsed : throw BrokerAddress.Invalid(nameof(uri));
    }
}
