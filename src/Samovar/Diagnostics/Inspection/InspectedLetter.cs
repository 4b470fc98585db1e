namespace Samovar.Diagnostics.Inspection;

/// <summary>A dead letter of a cluster.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Queue">The task queue from which it came: high, normal, low.</param>
/// <param name="Reason">Why no node could process it.</param>
/// <param name="Length">Its length in bytes.</param>
internal sealed record InspectedLetter(string Id, string Queue, string Reason, int Length)
{
    /// <summary>When it was moved; null if the broker does not know.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>The member that moved it; null if the broker did.</summary>
    public string? Member { get; init; }

    /// <summary>How often it had been delivered; 0 if the broker does not know.</summary>
    public int Deliveries { get; init; }

    /// <summary>Why its content cannot be verified; null if it can.</summary>
    public string? Problem { get; init; }

    /// <summary>The build of the program that submitted its tasks; null if it cannot be verified.</summary>
    public string? Build { get; init; }

    /// <summary>How many tasks it has; 0 if it cannot be verified.</summary>
    public int Tasks { get; init; }

    /// <summary>The first of its tasks, as texts.</summary>
    public IReadOnlyList<string> FirstTasks { get; init; } = [];
}
