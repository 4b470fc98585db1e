using Samovar.Tests.Cluster;

namespace Samovar.RabbitMQ.Checks;

public sealed class DeadLetterTests : DeadLetterContract
{
    protected override ClusterTransport CreateTransport() => new RabbitMQTransport(SharedServer.Server.Uri);
}
