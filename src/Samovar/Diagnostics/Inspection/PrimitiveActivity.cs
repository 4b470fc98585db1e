namespace Samovar.Diagnostics.Inspection;

/// <summary>A queue, a lock or another object for coordination, at a moment.</summary>
/// <param name="Kind">What it is: queue, pipe, lock, reader-writer lock, semaphore, limiter, event, condition, barrier, countdown.</param>
/// <param name="Name">Its name; null for none.</param>
/// <param name="State">Its state in words.</param>
internal sealed record PrimitiveActivity(string Kind, string? Name, string State)
{
    /// <summary>Identifies it within this process: more than 0 for those of the registry, less than 0 for shared ones.</summary>
    public long Id { get; init; }

    /// <summary>Whether it is shared between processes.</summary>
    public bool IsShared { get; init; }

    /// <summary>How many items it has, or how many can enter now; null if it has neither.</summary>
    public long? Count { get; init; }

    /// <summary>The largest possible <see cref="Count"/>; null for no limit.</summary>
    public long? Capacity { get; init; }

    /// <summary>Its holders.</summary>
    public IReadOnlyList<string> Holders { get; init; } = [];

    /// <summary>How many callers wait to enter, to take, or for the state to change.</summary>
    public int Waiting { get; init; }

    /// <summary>How many callers wait to put an item; null if it has no items.</summary>
    public int? Putting { get; init; }

    /// <summary>How often a caller had to wait, since it was created; null if that is not known.</summary>
    public long? Waits { get; init; }

    /// <summary>How often it was abandoned by a process that held it; null if that is not known.</summary>
    public long? Abandonments { get; init; }

    /// <summary>How many items were put since it was created; null if that is not known.</summary>
    public long? Put { get; init; }

    /// <summary>How many items were taken; null if that is not known.</summary>
    public long? Taken { get; init; }

    /// <summary>How many items were dropped or lost; null if that is not known.</summary>
    public long? Lost { get; init; }

    /// <summary>How many processes use it; null if it is not shared.</summary>
    public int? Processes { get; init; }

    /// <summary>What changes with each entry and exit, while it is held and no other caller can enter; null otherwise. So two equal ones mean that it was
    /// held by the same holders in between.</summary>
    public object? Hold { get; init; }
}
