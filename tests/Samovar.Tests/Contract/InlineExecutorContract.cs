namespace Samovar.Tests.Contract;

[Can(Capabilities.StopsItsWorkers | Capabilities.SharesMemory | Capabilities.LendsWorkers | Capabilities.HostsActors | Capabilities.CapturesActors | Capabilities.HasResources)]
public sealed class InlineExecutorContract : ExecutorContract
{
    protected override Executor Build(ContractOptions options) => new InlineExecutor(new()
    {
        Name = options.Name,
        TimeProvider = options.Time,
        CancellationGrace = options.Grace,
        Resources = options.Resources,
    });
}
