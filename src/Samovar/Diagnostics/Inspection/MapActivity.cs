using Samovar.Diagnostics.Recording;

namespace Samovar.Diagnostics.Inspection;

/// <summary>What a map has done so far. Immutable.</summary>
internal sealed record MapActivity
{
    /// <summary>Its number among the maps of its executor, from 1.</summary>
    public required long Number { get; init; }

    public string? Name { get; init; }

    public required string Function { get; init; }

    /// <summary>How many items its source has; null if that is not known.</summary>
    public long? Total { get; init; }

    public required long Succeeded { get; init; }

    public required long Failed { get; init; }

    public required long Canceled { get; init; }

    /// <summary>How many items run.</summary>
    public required int Running { get; init; }

    /// <summary>The time since it began, until it completed.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>How many items complete a second.</summary>
    public required double Rate { get; init; }

    /// <summary>Whether it has completed, or was left.</summary>
    public required bool HasEnded { get; init; }

    /// <summary>How long items ran, as far as they were measured; null if none was. Items that share a batch count with their mean.</summary>
    public TimeHistogram? Times { get; init; }

    /// <summary>The slowest items that were measured, the slowest first.</summary>
    public IReadOnlyList<MeasuredItem> Slowest { get; init; } = [];

    /// <summary>How many items have completed, with any outcome.</summary>
    public long Completed => Succeeded + Failed + Canceled;

    /// <summary>How long the rest will take; null if that is not known.</summary>
    public TimeSpan? Left => HasEnded ? null : RemainingTime.Estimate(Total, Completed, Rate);
}
