using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
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
        if (Owner is not null) return loop.Run();

        // The parent decides about these signals too: service managers and terminals send them to all processes of a program at once, and a
        // worker that exited would fail its task although the program drains. The worker never outlives its parent.
        using var termination = PosixSignalRegistration.Create(PosixSignal.SIGTERM, LeaveToParent);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, LeaveToParent);
        return loop.Run();
    }

    private static void LeaveToParent(PosixSignalContext signal) => signal.Cancel = true;
}
