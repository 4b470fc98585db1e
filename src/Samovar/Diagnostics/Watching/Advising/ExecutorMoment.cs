using Samovar.Diagnostics.Recording;

namespace Samovar.Diagnostics.Watching.Advising;

/// <summary>The totals of an executor at a moment; the difference of two is what happened between them.</summary>
internal sealed record ExecutorMoment
{
    public long Submitted { get; init; }

    /// <summary>How many tasks have completed.</summary>
    public long Completed { get; init; }

    public long Abandoned { get; init; }

    public long FailedStarts { get; init; }

    /// <summary>How many attempts were recorded.</summary>
    public long Recorded { get; init; }

    /// <summary>How many completed attempts were not recorded, because there were too many.</summary>
    public long Skipped { get; init; }

    public TimeSpan Shipping { get; init; }

    public long ShippedBytes { get; init; }

    /// <summary>How many workers were lost while they ran a task.</summary>
    public long WorkersLost { get; init; }

    /// <summary>The sum over all workers of the time in which they were idle.</summary>
    public TimeSpan IdleTime { get; init; }

    /// <summary>The sum over all workers of the time in which they existed.</summary>
    public TimeSpan WorkerTime { get; init; }

    /// <summary>The time in which the queue was empty.</summary>
    public TimeSpan EmptyQueueTime { get; init; }

    public IReadOnlyList<FunctionRecord> Functions { get; init; } = [];

    /// <summary>Returns the totals of a picture.</summary>
    /// <param name="picture">The executor in the picture.</param>
    /// <param name="before">The totals of the picture before; null for the first.</param>
    /// <param name="since">The time since then.</param>
    public static ExecutorMoment Of(ExecutorPicture picture, ExecutorMoment? before, TimeSpan since)
    {
        var (statistics, figures, recording) = (picture.Statistics, picture.Figures, picture.Recording);
        return new ExecutorMoment
        {
            Submitted = statistics.Submitted,
            Completed = statistics.Succeeded + statistics.Failed + statistics.Canceled,
            Abandoned = statistics.Abandoned,
            FailedStarts = statistics.FailedStarts,
            Recorded = recording.Recorded,
            Skipped = recording.Skipped,
            Shipping = recording.Shipping,
            ShippedBytes = recording.ShippedBytes,
            WorkersLost = (before?.WorkersLost ?? 0) + recording.NewAttempts.Count(static attempt => attempt.HasLostWorker),
            IdleTime = (before?.IdleTime ?? TimeSpan.Zero) + (since * figures.Idle),
            WorkerTime = (before?.WorkerTime ?? TimeSpan.Zero) + (since * (figures.Idle + figures.Busy)),
            EmptyQueueTime = (before?.EmptyQueueTime ?? TimeSpan.Zero) + (figures.Queued == 0 ? since : TimeSpan.Zero),
            Functions = recording.Functions,
        };
    }
}
