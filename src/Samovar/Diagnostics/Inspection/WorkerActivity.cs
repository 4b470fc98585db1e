namespace Samovar.Diagnostics.Inspection;

/// <summary>What a worker does at a moment.</summary>
/// <param name="Number">Its number within the executor.</param>
/// <param name="Name">Its name.</param>
/// <param name="State">Its state: <c>starting</c>, <c>idle</c>, <c>busy</c>, <c>blocked</c> or <c>stopping</c>.</param>
internal sealed record WorkerActivity(int Number, string Name, string State)
{
    /// <summary>The process of the worker; null if it is this process.</summary>
    public int? ProcessId { get; init; }

    /// <summary>Reads its resident bytes, which takes the system longer than all else here; null if it is not a process.</summary>
    public Func<long?>? ReadMemory { get; init; }

    /// <summary>Its resident bytes; null if they are not known, or were not read.</summary>
    public long? Memory { get; init; }

    /// <summary>Its running task; null if none runs.</summary>
    public TaskActivity? Task { get; init; }

    /// <summary>How long the running callback of a loop has held it; null if none runs, or if the loop does not measure that.</summary>
    public TimeSpan? HeldFor { get; init; }

    /// <summary>The running callback of a loop, if it has held the loop for a while.</summary>
    public string? HeldBy { get; init; }

    /// <summary>How many tasks it has, including those that were sent ahead.</summary>
    public int Tasks { get; init; }
}
