using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;

namespace Samovar;

/// <summary>The options of a <see cref="RabbitMQTransport"/>. Immutable. All members of a cluster use the same values of <see cref="MaxQueueLength"/>,
/// <see cref="DeliveryLimit"/> and <see cref="BlobRetention"/>, because RabbitMQ refuses to open a queue with other arguments than it was created
/// with.</summary>
public sealed record RabbitMQTransportOptions
{
    /// <summary>Gets how many messages each of the three task queues holds at most; a message more fails with <see cref="QueueFullException"/>. A limit that a policy of the broker sets has the same effect after the
    /// <see cref="ConfirmTimeout"/>, because a queue that elects a leader refuses messages too. At least
    /// 1; null for no limit. Default: null.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int? MaxQueueLength
    {
        get;
        init
        {
            if (value is { } length) ArgumentOutOfRangeException.ThrowIfLessThan(length, 1, nameof(MaxQueueLength));
            field = value;
        }
    }

    /// <summary>Gets how long the broker may take to confirm a message. After that the connection is closed, opened again, and the message is sent again.
    /// The time during which the broker is blocked does not count. More than zero; default: 30 seconds.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not more than zero.</exception>
    public TimeSpan ConfirmTimeout { get; init => field = RequirePositive(value, nameof(ConfirmTimeout)); } = TimeSpan.FromSeconds(30);

    /// <summary>Gets the interval of the heartbeats, in whole seconds. A connection without any traffic for about two intervals is interrupted; on
    /// Linux also one whose packets are not acknowledged for an interval. Together with the time to connect again this should take less than the
    /// <see cref="ClusterExecutorOptions.NodeTimeout"/>, so that a node that loses its broker connects to another one before it counts as lost. From 1 second to 1 hour;
    /// default: 5 seconds.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public TimeSpan Heartbeat
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.FromSeconds(1), nameof(Heartbeat));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, TimeSpan.FromHours(1), nameof(Heartbeat));
            field = value;
        }
    } = TimeSpan.FromSeconds(5);

    /// <summary>Gets how long opening a connection may take, and each answer of the broker to a request. Several addresses share the time for opening equally. More
    /// than zero; default: 10 seconds.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not more than zero.</exception>
    public TimeSpan ConnectTimeout { get; init => field = RequirePositive(value, nameof(ConnectTimeout)); } = TimeSpan.FromSeconds(10);

    /// <summary>Gets how long the broker keeps the reply box of a member with <see cref="ClusterMember.KeepsReplies"/> whose connection is interrupted.
    /// More than zero; default: 30 minutes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not more than zero.</exception>
    public TimeSpan ReplyRetention { get; init => field = RequirePositive(value, nameof(ReplyRetention)); } = TimeSpan.FromMinutes(30);

    /// <summary>Gets whether the reply boxes of members, and the marks of blobs, are replicated like the task queues, as quorum queues. Results then arrive while a
    /// minority of brokers is down. Otherwise each is on one broker, and results wait while that one is down. Set it to true for an address that leads to several
    /// brokers, such as that of a load balancer. null to replicate if the transport has several addresses. Default: null.</summary>
    /// <remarks>Members of a cluster can have different values.</remarks>
    public bool? ReplicatesReplies { get; init; }

    /// <summary>Gets how long a blob can be opened after it was last stored or opened. More than zero; default: 7 days.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not more than zero.</exception>
    public TimeSpan BlobRetention { get; init => field = RequirePositive(value, nameof(BlobRetention)); } = TimeSpan.FromDays(7);

    /// <summary>Gets how often the broker delivers a message again before it moves it to the queue of dead letters. At least 1; default: 20.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int DeliveryLimit
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, nameof(DeliveryLimit));
            field = value;
        }
    } = 20;

    /// <summary>Gets the name that the broker's certificate must have, for addresses with <c>amqps</c>; null for the host of the address. Default:
    /// null.</summary>
    public string? TlsServerName { get; init; }

    /// <summary>Gets the certificates of this client, for addresses with <c>amqps</c>; null for none. Default: null.</summary>
    public X509CertificateCollection? ClientCertificates { get; init; }

    /// <summary>Gets the check of the broker's certificate, for addresses with <c>amqps</c>; null for the check of the operating system. Default:
    /// null.</summary>
    public RemoteCertificateValidationCallback? ServerCertificateValidation { get; init; }

    /// <summary>Gets the factory of the logger that reports changes of the connection's state, in the category <c>Samovar.RabbitMQ</c>; null for no log.
    /// Default: null.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>Gets the clock of the deadlines, the pauses between attempts to connect and the watch over consumption. Default:
    /// <see cref="TimeProvider.System"/>.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public TimeProvider TimeProvider
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value, nameof(TimeProvider));
            field = value;
        }
    } = TimeProvider.System;

    private static TimeSpan RequirePositive(TimeSpan value, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero, name);
        return value;
    }
}
