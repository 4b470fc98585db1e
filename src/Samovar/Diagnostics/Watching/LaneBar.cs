using Samovar.Diagnostics.Recording;

namespace Samovar.Diagnostics.Watching;

/// <summary>A bar in the lane of a worker: an attempt, or several short ones of the same function and outcome that follow one another. Times are ticks of
/// UTC, by the clock of the executor. It grows until the picture is complete.</summary>
internal sealed record LaneBar
{
    /// <summary>The executor's number.</summary>
    public required int Executor { get; init; }

    /// <summary>The worker's number; 0 for a task that never started.</summary>
    public required int Worker { get; init; }

    public required long From { get; init; }

    public required long To { get; set; }

    /// <summary>When the first task was submitted.</summary>
    public required long Submitted { get; init; }

    public required string Function { get; init; }

    /// <summary>The first task's number.</summary>
    public required long Id { get; init; }

    public required int Attempt { get; init; }

    public required AttemptOutcome Outcome { get; init; }

    /// <summary>How many attempts the bar represents.</summary>
    public int Count { get; set; } = 1;
}
