using Samovar.Ipc.Channel;

namespace Samovar.Processes.Protocol;

/// <summary>What a worker does once it is up.</summary>
internal abstract class WorkerProgram
{
    /// <summary>Runs on the worker's main thread; the process ends with what it returns as its exit code.</summary>
    public abstract int Run(WorkerChannel channel);
}
