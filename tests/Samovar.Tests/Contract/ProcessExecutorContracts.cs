using System.Runtime.Versioning;
using Samovar.Ipc.Platform;

namespace Samovar.Tests.Contract;

[Can(Capabilities.StopsItsWorkers | Capabilities.RunsBesideCaller | Capabilities.RunsSeveralAtOnce | Capabilities.CanKillRunningWork | Capabilities.HostsActors | Capabilities.CapturesActors | Capabilities.HasResources | Capabilities.RunsExitHooks)]
[SupportedOSPlatform("linux")]
public sealed class ProcessExecutorContract : ShippingExecutorContract
{
    protected override Executor Build(ContractOptions options) => new ProcessExecutor(Options(options) with { Channel = ChannelKind.Linux });
}

[Can(Capabilities.StopsItsWorkers | Capabilities.RunsBesideCaller | Capabilities.RunsSeveralAtOnce | Capabilities.CanKillRunningWork | Capabilities.HostsActors | Capabilities.CapturesActors | Capabilities.HasResources | Capabilities.RunsExitHooks)]
[SupportedOSPlatform("linux")]
public sealed class PortableProcessExecutorContract : ShippingExecutorContract
{
    protected override Executor Build(ContractOptions options) => new ProcessExecutor(Options(options) with { Channel = ChannelKind.Portable });
}

[Can(Capabilities.StopsItsWorkers | Capabilities.RunsBesideCaller | Capabilities.RunsSeveralAtOnce | Capabilities.HostsActors | Capabilities.CapturesActors | Capabilities.HasResources | Capabilities.RunsExitHooks)]
[SupportedOSPlatform("linux")]
public sealed class InProcessExecutorContract : ShippingExecutorContract
{
    protected override Executor Build(ContractOptions options) => new ProcessExecutor(Options(options) with { InProcess = true });
}
