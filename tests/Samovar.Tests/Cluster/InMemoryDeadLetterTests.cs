namespace Samovar.Tests.Cluster;

public sealed class InMemoryDeadLetterTests : DeadLetterContract
{
    private readonly InMemoryTransport _transport = new();

    protected override ClusterTransport CreateTransport() => _transport;
}
