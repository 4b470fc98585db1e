namespace Samovar.Diagnostics.Recording;

/// <summary>A completed attempt at a task. Times are ticks of UTC, by the clock of the executor.</summary>
internal readonly record struct RecordedAttempt
{
    /// <summary>The task's number.</summary>
    public long Id { get; init; }

    /// <summary>The task's name; null if it has none.</summary>
    public string? Name { get; init; }

    public string Function { get; init; }

    /// <summary>The worker's number; 0 if the task never started.</summary>
    public int Worker { get; init; }

    /// <summary>The worker's name; null if the task never started.</summary>
    public string? WorkerName { get; init; }

    /// <summary>The process of the worker; 0 if the task never started.</summary>
    public int Process { get; init; }

    public int Attempt { get; init; }

    public AttemptOutcome Outcome { get; init; }

    /// <summary>When the task was submitted.</summary>
    public long Submitted { get; init; }

    /// <summary>When the attempt started; equal to <see cref="Ended"/> if it never did.</summary>
    public long Began { get; init; }

    public long Ended { get; init; }

    /// <summary>The error; null for an attempt without one.</summary>
    public RecordedError? Error { get; init; }

    /// <summary>Whether its worker was lost: the process exited, or the node.</summary>
    public bool HasLostWorker { get; init; }

    /// <summary>The failed task whose work this one runs again, because a watcher requested it; 0 for none.</summary>
    public long RetryOf { get; init; }

    /// <summary>A preview of the task's arguments; null if it has none, or if no watcher shows them.</summary>
    public string? Arguments { get; init; }

    /// <summary>What it took to ship the task; null for a task that was not sent, and for an attempt that another one follows.</summary>
    public RecordedShipping? Shipping { get; init; }

    /// <summary>How long the attempt ran.</summary>
    public TimeSpan Ran => TimeSpan.FromTicks(Math.Max(0, Ended - Began));

    /// <summary>How long the task waited before its first attempt, without the time for serializing it; null for other attempts, and for tasks that never
    /// started.</summary>
    public TimeSpan? Waited => Worker != 0 && Attempt == 1 ? TimeSpan.FromTicks(Math.Max(0, Began - Submitted - (Shipping?.Sending.Ticks ?? 0))) : null;
}
