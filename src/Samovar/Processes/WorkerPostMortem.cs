namespace Samovar;

/// <summary>What one worker of a program was doing and did last, see <see cref="PostMortem"/>. Immutable.</summary>
public sealed record WorkerPostMortem
{
    /// <summary>Gets the name of the executor, at most 128 bytes of it in UTF-8; empty if <see cref="Problem"/> is not null.</summary>
    public string Executor { get; init; } = "";

    /// <summary>Gets the number of the worker within its executor, counted from 1.</summary>
    public int Number { get; init; }

    /// <summary>Gets the id of the worker's process; 0 if <see cref="Problem"/> is not null.</summary>
    public int ProcessId { get; init; }

    /// <summary>Gets when the worker became ready for its first task.</summary>
    public DateTimeOffset ReadyAt { get; init; }

    /// <summary>Gets the last tasks that the worker started, the newest first, at most 64. A first one that is still running is what the worker was
    /// doing.</summary>
    public IReadOnlyList<WorkerTaskRecord> LastTasks { get; init; } = [];

    /// <summary>Gets the task that the worker was doing; null if it had none.</summary>
    public WorkerTaskRecord? RunningTask => LastTasks is [{ State: FutureState.Running } running, ..] ? running : null;

    /// <summary>Gets the path of the file.</summary>
    public string Path { get; init; } = "";

    /// <summary>Gets why the file cannot be read; null if it was read.</summary>
    public string? Problem { get; init; }
}
