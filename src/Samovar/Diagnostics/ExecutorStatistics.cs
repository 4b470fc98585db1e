namespace Samovar;

/// <summary>A snapshot of an executor's state and counters. Immutable. The counts are read without stopping the executor, so they may
/// differ from each other by a few tasks.</summary>
public sealed record ExecutorStatistics
{
    /// <summary>Gets the executor's name.</summary>
    public required string Executor { get; init; }

    /// <summary>Gets the maximum number of tasks that run at the same time.</summary>
    public required int Workers { get; init; }

    /// <summary>Gets the number of existing workers, busy or idle.</summary>
    public required int LiveWorkers { get; init; }

    /// <summary>Gets the number of existing workers that wait for work.</summary>
    public required int IdleWorkers { get; init; }

    /// <summary>Gets the number of waiting tasks: in the queue, sent ahead to a worker, between two attempts, or waiting for inputs.</summary>
    public required long Queued { get; init; }

    /// <summary>Gets the number of the <see cref="Queued"/> tasks that wait for other tasks whose results they take.</summary>
    public long WaitingForInputs { get; init; }

    /// <summary>Gets the number of running tasks.</summary>
    public required long Running { get; init; }

    /// <summary>Gets the number of tasks submitted since the executor was created. A batch of a map counts as one task.</summary>
    public required long Submitted { get; init; }

    /// <summary>Gets the number of tasks that completed successfully.</summary>
    public required long Succeeded { get; init; }

    /// <summary>Gets the number of tasks that failed, including timeouts.</summary>
    public required long Failed { get; init; }

    /// <summary>Gets the number of tasks that were cancelled.</summary>
    public required long Canceled { get; init; }

    /// <summary>Gets the number of attempts beyond the first, over all tasks.</summary>
    public required long Retries { get; init; }

    /// <summary>Gets the number of attempts that timed out.</summary>
    public required long TimedOut { get; init; }

    /// <summary>Gets the number of attempts that ignored their token beyond the grace period and were abandoned.</summary>
    public required long Abandoned { get; init; }

    /// <summary>Gets the number of errors that were reported only to <see cref="Samovar.Executor.UnobservedFailure"/>.</summary>
    public required long UnobservedFailures { get; init; }

    /// <summary>Gets the executor's resources, in ordinal order of their names, with what tasks have of them. Empty without
    /// <see cref="ExecutorOptions.Resources"/>. For a <see cref="ClusterExecutor"/>, the resources of the nodes that it knows
    /// (<see cref="ClusterNodeOptions.Resources"/>), added up.</summary>
    public IReadOnlyList<ResourceStatistics> Resources { get; init; } = [];

    /// <summary>Gets whether workers can be started. Always <see cref="WorkerStartState.Closed"/> for executors whose workers are not
    /// processes.</summary>
    public WorkerStartState WorkerStarts { get; init; }

    /// <summary>Gets the number of failed starts of worker processes since the executor was created.</summary>
    public long FailedStarts { get; init; }

    /// <summary>Gets why the last start of a worker process failed; null if it succeeded.</summary>
    public string? StartError { get; init; }

    /// <summary>Gets why the executor is broken, so that it accepts no more work: usually the error of its initializer. Null while it
    /// works.</summary>
    public string? BrokenBy { get; init; }
}
