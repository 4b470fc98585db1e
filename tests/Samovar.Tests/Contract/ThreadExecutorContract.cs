namespace Samovar.Tests.Contract;

[Can(Capabilities.RunsBesideCaller | Capabilities.SharesMemory | Capabilities.GivesUpStuckWork
    | Capabilities.RunsSeveralAtOnce | Capabilities.LendsWorkers)]
public sealed class ThreadExecutorContract : ExecutorContract
{
    protected override Executor Build(ContractOptions options) => new ThreadExecutor(new()
    {
        Workers = options.Workers,
        Name = options.Name,
        TimeProvider = options.Time,
        CancellationGrace = options.Grace,
    });
}
