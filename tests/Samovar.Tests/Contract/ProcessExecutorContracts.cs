using System.Runtime.Versioning;
using Samovar.Ipc.Platform;

namespace Samovar.Tests.Contract;

/// <summary>What is common to the kinds of <see cref="ProcessExecutor"/> that are held to the contract.</summary>
[SupportedOSPlatform("linux")]
public abstract class ShippingExecutorContract : ExecutorContract, IDisposable
{
    private readonly List<ProcessGate> _gates = [];

    public void Dispose()
    {
        foreach (var gate in _gates) gate.Dispose();
        GC.SuppressFinalize(this);
    }

    protected static ProcessExecutorOptions Options(ContractOptions options) => new()
    {
        Workers = options.Workers,
        Name = options.Name,
        TimeProvider = options.Time,
        CancellationGrace = options.Grace,
    };

    protected override Gate NewGate()
    {
        var gate = new ProcessGate();
        lock (_gates) _gates.Add(gate);
        return gate;
    }
}

[Can(Capabilities.RunsBesideCaller | Capabilities.RunsSeveralAtOnce | Capabilities.CanKillRunningWork)]
[SupportedOSPlatform("linux")]
public sealed class ProcessExecutorContract : ShippingExecutorContract
{
    protected override Executor Build(ContractOptions options) => new ProcessExecutor(Options(options) with { Channel = ChannelKind.Linux });
}

[Can(Capabilities.RunsBesideCaller | Capabilities.RunsSeveralAtOnce | Capabilities.CanKillRunningWork)]
[SupportedOSPlatform("linux")]
public sealed class PortableProcessExecutorContract : ShippingExecutorContract
{
    protected override Executor Build(ContractOptions options) => new ProcessExecutor(Options(options) with { Channel = ChannelKind.Portable });
}

[Can(Capabilities.RunsBesideCaller | Capabilities.RunsSeveralAtOnce)]
[SupportedOSPlatform("linux")]
public sealed class InProcessExecutorContract : ShippingExecutorContract
{
    protected override Executor Build(ContractOptions options) => new ProcessExecutor(Options(options) with { InProcess = true });
}
