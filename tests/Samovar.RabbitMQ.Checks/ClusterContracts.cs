using System.Runtime.Versioning;
using Samovar.Tests.Contract;

namespace Samovar.RabbitMQ.Checks;

/// <summary>Holds a cluster over a real broker to the contract of all executors: one node with real worker processes, in one cluster for all tests, so that
/// each meets what the ones before it have left in the queues.</summary>
[Can(Capabilities.RunsBesideCaller | Capabilities.RunsSeveralAtOnce | Capabilities.CanKillRunningWork | Capabilities.HostsActors)]
[SupportedOSPlatform("linux")]
public sealed class ClusterExecutorContract : ShippingExecutorContract, IAsyncDisposable
{
    private readonly List<ClusterNode> _nodes = [];

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes) await node.DisposeAsync();
        Dispose();
    }

    protected override Executor Build(ContractOptions options)
    {
        var transport = new RabbitMQTransport(SharedServer.Server.Uri);
        var node = new ClusterNode(transport, new() { Cluster = "contract", Name = "node", Workers = options.Workers, DrainTimeout = TimeSpan.Zero });
        _nodes.Add(node);
        _ = node.StartAsync();
        return new ClusterExecutor(transport, new()
        {
            Cluster = "contract",
            Name = options.Name,
            TimeProvider = options.Time,
            CancellationGrace = options.Grace,
        });
    }
}
