using Samovar.Tasks.Core;

namespace Samovar.Processes.Parent;

/// <summary>A result in the memory of a worker process.</summary>
/// <param name="queues">Have the tasks that take the result.</param>
/// <param name="handle">The worker; null if it has exited already.</param>
/// <param name="worker">The worker.</param>
/// <param name="number">The number of the task that made the result.</param>
internal sealed class KeptResult(KeptTaskQueues queues, WorkerHandle? handle, WorkerIdentity worker, long number) : KeptPlace(worker, number)
{
    public WorkerHandle? Handle => handle;

    /// <summary>Refuses to keep results on workers that are recycled.</summary>
    public static void Check(ProcessExecutorOptions options, string executor)
    {
        string? recycled = options.MaxTasksPerWorker is not null ? nameof(options.MaxTasksPerWorker)
            : options.MemoryLimitPerWorker is not null ? nameof(options.MemoryLimitPerWorker) : null;
        if (recycled is null) return;
        throw new NotSupportedException(
            $"The workers of '{executor}' keep no results, because {recycled} recycles them, with which results would be lost. Leave {recycled} at null, or use another executor for this work.");
    }

    /// <summary>Creates the error of a task that was to take the result.</summary>
    public KeptResultLostException Lost()
    {
        string why = handle is null or { Process.Exit: null, KillReason: null } ? "has exited or is to exit"
            : handle.KillReason is { } reason ? $"was killed: {reason}" : $"exited with {handle.Process.Exit}";
        return new KeptResultLostException(
            $"The result of task {Number} is lost: worker '{Worker.Name}' (process {Worker.ProcessId}), which kept it, {why}. Make the result again with SubmitKept.")
        {
            Worker = Worker,
            TaskId = Number,
        };
    }

    protected override void Free()
    {
        if (handle is not null) queues.Free(handle, Number);
    }
}
