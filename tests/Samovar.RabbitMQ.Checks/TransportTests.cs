using Samovar.Tests.Cluster;

namespace Samovar.RabbitMQ.Checks;

public sealed class TransportTests : TransportContract
{
    protected override ClusterTransport CreateTransport() => new RabbitMQTransport(SharedServer.Server.Uri);
}
