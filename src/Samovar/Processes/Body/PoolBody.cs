using Samovar.Ipc;

namespace Samovar.Processes;

/// <summary>The body of an executor's worker.</summary>
internal sealed class PoolBody : WorkerBody
{
    public override int Run(WorkerChannel channel)
    {
        using var loop = new WorkerLoop(channel);
        return loop.Run();
    }
}
