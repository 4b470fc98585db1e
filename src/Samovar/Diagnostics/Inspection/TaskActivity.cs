namespace Samovar.Diagnostics.Inspection;

/// <summary>A running task.</summary>
internal sealed record TaskActivity
{
    /// <summary>Its number within the executor.</summary>
    public required long Id { get; init; }

    public string? Name { get; init; }

    /// <summary>The function; null if it is not known.</summary>
    public string? Function { get; init; }

    /// <summary>The worker's number; 0 if it is not known.</summary>
    public int Worker { get; init; }

    public string? WorkerName { get; init; }

    public int Attempt { get; init; }

    public DateTimeOffset Submitted { get; init; }

    public DateTimeOffset Began { get; init; }

    /// <summary>How long the attempt has been running.</summary>
    public TimeSpan For { get; init; }

    /// <summary>The failed task whose work this one runs again, because an observer requested it; 0 for none.</summary>
    public long RetryOf { get; init; }

    /// <summary>A preview of its arguments; null if it has none, or if no watcher shows them.</summary>
    public string? Arguments { get; init; }

    /// <summary>Whether it was requested to stop.</summary>
    public bool IsStopping { get; init; }

    /// <summary>The completed fraction that the task reported; null if it reported none.</summary>
    public double? Fraction { get; init; }

    /// <summary>The step that the task reported; null if it reported none.</summary>
    public string? Message { get; init; }
}
