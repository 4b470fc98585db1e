namespace Samovar.Tests.Contract;

[Can(Capabilities.StopsItsWorkers | Capabilities.RunsBesideCaller | Capabilities.SharesMemory | Capabilities.GivesUpStuckWork
    | Capabilities.RunsSeveralAtOnce | Capabilities.LendsWorkers | Capabilities.HostsActors | Capabilities.CapturesActors | Capabilities.HasResources | Capabilities.RunsExitHooks)]
public sealed class ThreadExecutorContract : ExecutorContract
{
    protected override Executor Build(ContractOptions options) => new ThreadExecutor(new()
    {
        Workers = options.Workers,
        Name = options.Name,
        TimeProvider = options.Time,
        CancellationGrace = options.Grace,
        Resources = options.Resources,
        ExitHook = options.ExitHook,
    });
}
