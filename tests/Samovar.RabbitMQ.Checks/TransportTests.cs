using Samovar.Tests.Cluster;

namespace Samovar.RabbitMQ.Checks;

public sealed class TransportTests : TransportContract
{
    protected override ClusterTransport CreateTransport() => new RabbitMQTransport(SharedServer.Server.Uri);
}

/// <summary>The same contract with replicated reply boxes.</summary>
public sealed class ReplicatedTransportTests : TransportContract
{
    protected override ClusterTransport CreateTransport() => new RabbitMQTransport(SharedServer.Server.Uri, new() { ReplicatesReplies = true });
}
