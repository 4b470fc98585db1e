namespace Samovar.Tests.Contract;

[Can(Capabilities.RunsBesideCaller | Capabilities.SharesMemory)]
public sealed class EventLoopContract : ExecutorContract
{
    protected override Executor Build(ContractOptions options) => new EventLoop(new()
    {
        Name = options.Name,
        TimeProvider = options.Time,
        CancellationGrace = options.Grace,
    });
}
