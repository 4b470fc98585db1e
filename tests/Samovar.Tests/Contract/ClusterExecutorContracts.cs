using System.Runtime.Versioning;

namespace Samovar.Tests.Contract;

/// <summary>What is common to the kinds of <see cref="ClusterExecutor"/> that are held to the contract.</summary>
[SupportedOSPlatform("linux")]
public abstract class InMemoryClusterContract : ShippingExecutorContract
{
    protected static ClusterExecutor Build(ContractOptions options, ProcessExecutorOptions workers, InMemoryFaults faults) => ClusterExecutor.InMemory(
        nodes: 1,
        options.Workers,
        new ClusterExecutorOptions { Name = options.Name, TimeProvider = options.Time, CancellationGrace = options.Grace },
        new InMemoryTransport(faults),
        new ClusterNodeOptions { Name = "node", WorkerOptions = workers, DrainTimeout = TimeSpan.Zero, Resources = options.Resources ?? [] });
}

[Can(Capabilities.RunsBesideCaller | Capabilities.RunsSeveralAtOnce | Capabilities.CanKillRunningWork | Capabilities.HostsActors | Capabilities.HasResources)]
[SupportedOSPlatform("linux")]
public sealed class ClusterExecutorContract : InMemoryClusterContract
{
    protected override Executor Build(ContractOptions options) => Build(options, new ProcessExecutorOptions(), new InMemoryFaults());
}

/// <summary>Messages are delivered twice, and late.</summary>
[Can(Capabilities.RunsBesideCaller | Capabilities.RunsSeveralAtOnce | Capabilities.HostsActors | Capabilities.HasResources)]
[SupportedOSPlatform("linux")]
public sealed class FaultyClusterExecutorContract : InMemoryClusterContract
{
    protected override Executor Build(ContractOptions options) => Build(
        options, new ProcessExecutorOptions { InProcess = true }, new InMemoryFaults { DuplicateRate = 0.3, DelayRate = 0.02, MaxDelay = TimeSpan.FromMilliseconds(5), Seed = 1 });
}
