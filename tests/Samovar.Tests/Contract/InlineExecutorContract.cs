namespace Samovar.Tests.Contract;

[Can(Capabilities.SharesMemory | Capabilities.LendsWorkers)]
public sealed class InlineExecutorContract : ExecutorContract
{
    protected override Executor Build(ContractOptions options) => new InlineExecutor(new()
    {
        Name = options.Name,
        TimeProvider = options.Time,
        CancellationGrace = options.Grace,
    });
}
