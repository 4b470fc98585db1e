using Microsoft.Extensions.Logging;
using Samovar.RabbitMQ.Consuming;
using Samovar.RabbitMQ.Publishing;
using Samovar.RabbitMQ.Topology;

namespace Samovar.RabbitMQ.Connections;

/// <summary>What outlives the sessions of a connection.</summary>
/// <param name="Addresses">The brokers.</param>
/// <param name="Options">The options.</param>
/// <param name="Member">The member.</param>
/// <param name="Names">The names of the cluster's queues.</param>
/// <param name="ReplyBox">The name of the reply box.</param>
/// <param name="Receiver">Receives what arrives.</param>
/// <param name="States">The state of the connection.</param>
/// <param name="Logger">The log.</param>
internal sealed record SessionParts(
    BrokerAddresses Addresses,
    RabbitMQTransportOptions Options,
    ClusterMember Member,
    ClusterNames Names,
    string ReplyBox,
    ReceiverGate Receiver,
    StateNotifier States,
    ILogger Logger)
{
    /// <summary>Gets the order in which the brokers are tried.</summary>
    public BrokerRotation Rotation { get; } = new(Addresses);

    /// <summary>Gets how long opening a connection to one broker may take: all have an equal part of the time.</summary>
    public TimeSpan TimePerBroker => Options.ConnectTimeout / Addresses.All.Count;

    /// <summary>Gets whether reply boxes and marks of blobs are replicated.</summary>
    public bool Replicates => Options.ReplicatesReplies ?? Addresses.All.Count > 1;

    /// <summary>Gets or sets the number of the latest session. Sessions are opened one after the other.</summary>
    public int LastSession { get; set; }

    /// <summary>Gets the credit of the task queues.</summary>
    public Credit Credit { get; } = new();

    /// <summary>Gets the publisher of tasks. They have a channel of their own, so a task queue without a majority does not delay replies.</summary>
    public Publisher Tasks { get; } = new(Options.TimeProvider);

    /// <summary>Gets the publisher of replies and broadcasts.</summary>
    public Publisher Messages { get; } = new(Options.TimeProvider);
}
