namespace Samovar.Diagnostics.Inspection;

/// <summary>A node of a cluster at a moment, as its latest beacon described it.</summary>
/// <param name="Id">Identifies it in its cluster.</param>
/// <param name="Name">Its name.</param>
/// <param name="State">Its state: accepting, draining; unknown until the first beacon.</param>
internal sealed record NodeActivity(Guid Id, string Name, string State)
{
    /// <summary>How many tasks it runs at the same time at most.</summary>
    public int Workers { get; init; }

    /// <summary>How many tasks it runs, for all executors.</summary>
    public int Running { get; init; }

    /// <summary>How many tasks it has received and not started.</summary>
    public int Held { get; init; }

    /// <summary>How many tasks it runs for the executor of this process.</summary>
    public int Own { get; init; }

    /// <summary>Its resources, and what tasks of all executors use of them.</summary>
    public IReadOnlyList<ResourceStatistics> Resources { get; init; } = [];

    /// <summary>The build of its program; null until the first beacon.</summary>
    public string? Build { get; init; }

    /// <summary>The time since its latest beacon; null until the first one, and for the node of this process.</summary>
    public TimeSpan? BeaconAge { get; init; }
}
