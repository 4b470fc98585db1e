namespace Samovar;

/// <summary>A snapshot of an actor's state and counters. Immutable. The counts are read without stopping the actor, so they may differ from each other by a
/// few calls.</summary>
public sealed record ActorStatistics
{
    /// <summary>Gets the actor's name.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the name of the executor that created the actor.</summary>
    public required string Executor { get; init; }

    /// <summary>Gets the number of calls since the actor was created.</summary>
    public required long Calls { get; init; }

    /// <summary>Gets the number of calls that wait.</summary>
    public required long Queued { get; init; }

    /// <summary>Gets the number of calls that run.</summary>
    public required long Running { get; init; }

    /// <summary>Gets the number of calls that completed successfully.</summary>
    public required long Succeeded { get; init; }

    /// <summary>Gets the number of calls that failed, including timeouts.</summary>
    public required long Failed { get; init; }

    /// <summary>Gets the number of calls that were cancelled.</summary>
    public required long Canceled { get; init; }

    /// <summary>Gets how many times the actor was restarted.</summary>
    public required int Restarts { get; init; }

    /// <summary>Gets whether the actor was lost for good, so that all calls fail.</summary>
    public required bool IsLost { get; init; }
}
