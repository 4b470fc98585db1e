namespace Samovar.Cli.Map.Progress;

/// <summary>An immutable snapshot of a run's progress.</summary>
internal sealed record ProgressSnapshot
{
    /// <summary>The number of items that an earlier run finished.</summary>
    public required long Already { get; init; }

    public required long Succeeded { get; init; }

    /// <summary>The number of succeeded items whose results came from the cache.</summary>
    public long Cached { get; init; }

    public required long Failed { get; init; }

    /// <summary>The number of malformed items skipped by --on-bad-input skip.</summary>
    public required long Skipped { get; init; }

    public required TimeSpan Wall { get; init; }

    /// <summary>The total running time of all items.</summary>
    public required TimeSpan Worked { get; init; }

    public required IReadOnlyList<SlowItem> Slowest { get; init; }

    public required IReadOnlyList<(string Kind, long Count)> Kinds { get; init; }

    public required IReadOnlyList<RunningItem> Running { get; init; }

    public long Ended => Succeeded + Failed + Skipped;

    /// <summary>Items per second.</summary>
    public double Rate => Wall > TimeSpan.Zero ? Ended / Wall.TotalSeconds : 0;

    /// <summary>The speed-up over running one item after the other.</summary>
    public double SpeedUp => Wall > TimeSpan.Zero ? Worked / Wall : 0;
}
