namespace Samovar.Cli.Map.Progress;

/// <summary>A run at one moment. Immutable.</summary>
internal sealed record ProgressSnapshot
{
    /// <summary>Done by an earlier run.</summary>
    public required long Already { get; init; }

    public required long Succeeded { get; init; }

    public required long Failed { get; init; }

    /// <summary>Malformed, and passed over as asked.</summary>
    public required long Skipped { get; init; }

    public required TimeSpan Wall { get; init; }

    /// <summary>The time that all items took together.</summary>
    public required TimeSpan Worked { get; init; }

    public required IReadOnlyList<SlowItem> Slowest { get; init; }

    public required IReadOnlyList<(string Kind, long Count)> Kinds { get; init; }

    public required IReadOnlyList<RunningItem> Running { get; init; }

    public long Ended => Succeeded + Failed + Skipped;

    /// <summary>Items a second.</summary>
    public double Rate => Wall > TimeSpan.Zero ? Ended / Wall.TotalSeconds : 0;

    /// <summary>How much faster than one item after the other.</summary>
    public double SpeedUp => Wall > TimeSpan.Zero ? Worked / Wall : 0;
}
