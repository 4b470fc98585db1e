using Microsoft.Extensions.Logging;
using Samovar.RabbitMQ.Publishing;
using Samovar.RabbitMQ.Topology;

namespace Samovar.RabbitMQ.Consuming;

/// <summary>What a <see cref="TaskChannel"/> works with.</summary>
/// <param name="Names">The names of the queues.</param>
/// <param name="Member">The name of the member, for dead letters.</param>
/// <param name="Version">The broker.</param>
/// <param name="Receiver">Receives the deliveries.</param>
/// <param name="Publisher">Publishes returned messages and dead letters.</param>
/// <param name="Credit">The credit to apply.</param>
/// <param name="Time">The clock.</param>
/// <param name="Logger">The log.</param>
/// <param name="Failed">Ends the session.</param>
internal sealed record TaskChannelParts(
    ClusterNames Names,
    string Member,
    BrokerVersion Version,
    ReceiverGate Receiver,
    Publisher Publisher,
    Credit Credit,
    TimeProvider Time,
    ILogger Logger,
    Action<Exception> Failed);
