namespace Samovar;

/// <summary>One of the last tasks of a worker, as the worker recorded it. Immutable.</summary>
/// <remarks>The record outlives the worker: <see cref="WorkerCrashedException.LastTasks"/> has those of a worker that crashed, and
/// <see cref="PostMortem"/> those of the workers of a program that was killed.</remarks>
public sealed record WorkerTaskRecord
{
    /// <summary>Gets the number of the task within its executor.</summary>
    public long TaskId { get; init; }

    /// <summary>Gets the number of the attempt, counted from 1.</summary>
    public int Attempt { get; init; }

    /// <summary>Gets the name of the task, at most 96 bytes of it in UTF-8; null if it has none.</summary>
    public string? TaskName { get; init; }

    /// <summary>Gets the name of the function that the task ran, for example <c>Kitchen.Brew</c>, or <c>Kitchen.Brew, lambda</c>, at most 112 bytes of
    /// it in UTF-8; for a batch of a map that of the map's function. Null if the worker had not deserialized the work yet.</summary>
    public string? Function { get; init; }

    /// <summary>Gets how many items of a map the task runs; 0 if it does not belong to a map.</summary>
    public int Items { get; init; }

    /// <summary>Gets when the task started, by the clock of the machine when the worker started.</summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>Gets how long the work ran; null if it has not completed. Zero if the work could not be deserialized.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>Gets the outcome of the attempt: <see cref="FutureState.Succeeded"/>, <see cref="FutureState.Failed"/> or
    /// <see cref="FutureState.Canceled"/>; <see cref="FutureState.Running"/> if it has not completed. A batch of a map has succeeded when it has completed,
    /// whatever its items did.</summary>
    public FutureState State { get; init; }
}
