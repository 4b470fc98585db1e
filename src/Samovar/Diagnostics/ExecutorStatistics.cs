namespace Samovar;

/// <summary>What an executor has done and is doing, at one moment. Immutable; the counts are read without stopping the
/// executor, so two of them may be a task apart.</summary>
public sealed record ExecutorStatistics
{
    /// <summary>The executor's name.</summary>
    public required string Executor { get; init; }

    /// <summary>How many tasks may run at the same time.</summary>
    public required int Workers { get; init; }

    /// <summary>Workers that exist now, busy or idle.</summary>
    public required int LiveWorkers { get; init; }

    /// <summary>Workers that exist and wait for work.</summary>
    public required int IdleWorkers { get; init; }

    /// <summary>Tasks that wait: in the queue, sent ahead to a worker, or between two attempts.</summary>
    public required long Queued { get; init; }

    /// <summary>Tasks that run now.</summary>
    public required long Running { get; init; }

    /// <summary>Tasks submitted since the executor was built. A batch of a map counts as one.</summary>
    public required long Submitted { get; init; }

    /// <summary>Tasks that ended with a result.</summary>
    public required long Succeeded { get; init; }

    /// <summary>Tasks that ended with an error, timeouts included.</summary>
    public required long Failed { get; init; }

    /// <summary>Tasks that were cancelled.</summary>
    public required long Canceled { get; init; }

    /// <summary>Attempts beyond the first, over all tasks.</summary>
    public required long Retries { get; init; }

    /// <summary>Attempts that ran out of time.</summary>
    public required long TimedOut { get; init; }

    /// <summary>Attempts that ignored their token past the grace and were left behind, still occupying a thread.</summary>
    public required long Abandoned { get; init; }

    /// <summary>Errors that reached nobody but <see cref="Samovar.Executor.UnobservedFailure"/>.</summary>
    public required long UnobservedFailures { get; init; }

    /// <summary>Whether workers can be started. Always <see cref="WorkerStartState.Closed"/> for executors whose workers are no
    /// processes.</summary>
    public WorkerStartState WorkerStarts { get; init; }

    /// <summary>Starts of worker processes that failed since the executor was built.</summary>
    public long FailedStarts { get; init; }

    /// <summary>Why the last start of a worker process failed; null where it succeeded.</summary>
    public string? StartError { get; init; }
}
