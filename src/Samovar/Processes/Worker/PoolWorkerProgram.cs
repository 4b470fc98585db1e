using System.Diagnostics.CodeAnalysis;
using Samovar.Ipc.Channel;
using Samovar.Primitives;
using Samovar.Processes.Protocol;
using Samovar.Tasks.Core;

namespace Samovar.Processes.Worker;

/// <summary>The program of an executor's worker.</summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class PoolWorkerProgram : WorkerProgram
{
    /// <summary>The executor, if the worker is a thread of its process; otherwise, null.</summary>
    public ExecutorCore? Owner { get; init; }

    public override int Run(WorkerChannel channel)
    {
        using var loop = new WorkerLoop(channel, Owner);
        return loop.Run();
    }
}
