using Samovar.Ipc.Channel;

namespace Samovar.Processes.Protocol;

/// <summary>The program that a worker runs after its start.</summary>
internal abstract class WorkerProgram
{
    /// <summary>Runs on the worker's main thread; the return value is the exit code of the process.</summary>
    public abstract int Run(WorkerChannel channel);
}
