namespace Samovar.Tests.Contract;

[Can(Capabilities.StopsItsWorkers | Capabilities.RunsBesideCaller | Capabilities.SharesMemory | Capabilities.HostsActors | Capabilities.CapturesActors | Capabilities.HasResources)]
public sealed class EventLoopContract : ExecutorContract
{
    protected override Executor Build(ContractOptions options) => new EventLoop(new()
    {
        Name = options.Name,
        TimeProvider = options.Time,
        CancellationGrace = options.Grace,
        Resources = options.Resources,
    });
}
