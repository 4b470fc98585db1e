using System.Diagnostics.CodeAnalysis;
using Samovar.RabbitMQ.Checking;
using Samovar.RabbitMQ.Connections;

namespace Samovar;

/// <summary>Connects the members of a cluster through RabbitMQ, version 3.10 or later.</summary>
/// <remarks>
/// <para>Task queues are quorum queues, which survive a restart of the broker and the loss of a minority of brokers. Blobs are streams. All queues of a
/// cluster begin with <c>samovar.</c> and the cluster's name, so several clusters can share a virtual host.</para>
/// <para>A connection to the cluster is two connections to the broker, one to publish and one to consume, because a broker that is short of memory or disk
/// stops reading from those that publish. The transport reconnects by itself, with pauses from 50 ms to 5 s (to 1 s while
/// nothing listens at the address).</para>
/// <para>Several addresses are those of brokers that are one cluster of brokers. A connection begins with a random one, so that members spread over the
/// brokers, and continues with the next one when it is interrupted or refused.</para>
/// <para>Thread-safe.</para>
/// </remarks>
public sealed class RabbitMQTransport : ClusterTransport
{
    private readonly BrokerAddresses _addresses;

    /// <summary>Initializes a transport.</summary>
    /// <param name="uri">The address of the broker: <c>amqp://user:password@host:5672/vhost</c>, or <c>amqps</c> for TLS. Without a user it is
    /// <c>guest</c>, without a port 5672, or 5671 for TLS, and without a virtual host <c>/</c>. A character that has a meaning in addresses is
    /// percent-encoded. Several addresses, each complete and with the same virtual host, are separated by commas.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <exception cref="ArgumentException">An address is not valid, or they have different virtual hosts. The message does not contain the addresses, because they
    /// can have passwords.</exception>
    [SuppressMessage("Design", "CA1054:URI-like parameters should not be strings", Justification = "The other constructors take a Uri.")]
    public RabbitMQTransport(string uri, RabbitMQTransportOptions? options = null)
        : this(BrokerAddresses.Parse(uri), options)
    {
    }

    /// <summary>Initializes a transport.</summary>
    /// <param name="uri">The address of the broker, as in <see cref="RabbitMQTransport(string, RabbitMQTransportOptions)"/>.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <exception cref="ArgumentException">The address is not valid. The message does not contain it, because it can have a password.</exception>
    public RabbitMQTransport(Uri uri, RabbitMQTransportOptions? options = null)
        : this([uri], options)
    {
    }

    /// <summary>Initializes a transport to one of several brokers, which are one cluster of brokers.</summary>
    /// <param name="uris">The addresses, as in <see cref="RabbitMQTransport(string, RabbitMQTransportOptions)"/>; at least one.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <exception cref="ArgumentException">There is no address, one is not valid, or they have different virtual hosts. The message does not contain them, because
    /// they can have passwords.</exception>
    public RabbitMQTransport(IEnumerable<Uri> uris, RabbitMQTransportOptions? options = null)
        : this(BrokerAddresses.Create(uris ?? throw new ArgumentNullException(nameof(uris)), nameof(uris)), options)
    {
    }

    private RabbitMQTransport(BrokerAddresses addresses, RabbitMQTransportOptions? options)
    {
        _addresses = addresses;
        Options = options ?? new RabbitMQTransportOptions();
    }

    /// <summary>Gets the options.</summary>
    public RabbitMQTransportOptions Options { get; }

    /// <summary>Gets the broker's address for errors and logs, such as <c>amqp://user@host:5672/vhost</c>, without a password; several are separated by
    /// commas.</summary>
    public override string Endpoint => _addresses.ToString();

    /// <summary>Gets whether the host is this machine's loopback, so that messages never leave the machine; with several addresses, whether all of them
    /// are.</summary>
    public override bool IsLocal => _addresses.AreLoopback;

    /// <summary>Opens a connection, and creates the queues of the cluster if they do not exist.</summary>
    /// <param name="member">The cluster to join, and the name of the member.</param>
    /// <param name="receiver">Receives what arrives at the connection.</param>
    /// <param name="cancellationToken">Cancels the attempt.</param>
    /// <returns>The open connection.</returns>
    /// <exception cref="ClusterConnectionException">The broker cannot be reached, refuses the connection, is older than version 3.10, or has a queue of
    /// the cluster with other arguments. The message says what to do; with several addresses it has the reason for each. There is one attempt only for each
    /// address.</exception>
    public override async Task<ClusterConnection> ConnectAsync(ClusterMember member, ClusterReceiver receiver, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(member);
        ArgumentNullException.ThrowIfNull(receiver);
        return await RabbitMQConnection.OpenAsync(_addresses, Options, member, receiver, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Checks whether a cluster can use the brokers.</summary>
    internal Task<IReadOnlyList<BrokerFinding>> CheckAsync(CancellationToken cancellationToken) => new BrokerCheck(_addresses, Options).RunAsync(cancellationToken);
}
