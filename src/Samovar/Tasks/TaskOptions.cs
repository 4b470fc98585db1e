using Samovar.Primitives;

namespace Samovar;

/// <summary>How one task is to be run. Immutable; one instance can serve any number of tasks.</summary>
public record TaskOptions
{
    internal static TaskOptions Default { get; } = new();

    /// <summary>A name for people: it appears in errors, statistics and traces. Default: none.</summary>
    public string? Name { get; init; }

    /// <summary>How long an attempt may run, counted from its start (waiting in the queue does not count). More than zero, or
    /// null (the default) or <see cref="System.Threading.Timeout.InfiniteTimeSpan"/> for no limit.</summary>
    /// <remarks>When it is over, the attempt's token trips; after the executor's
    /// <see cref="ExecutorOptions.CancellationGrace"/> the attempt is ended where the executor can do so (worker processes) and
    /// left behind where it cannot (threads). Either way the future fails with <see cref="TaskTimeoutException"/>, even if the
    /// work still returned a value after its time.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">Zero, negative, or beyond what a timer can hold (about 49 days).</exception>
    public TimeSpan? Timeout
    {
        get;
        init => field = TimeoutArguments.RequireLimit(value, nameof(Timeout));
    }

    /// <summary>Whether and how a failed attempt is repeated. Default: null, every task is tried once.</summary>
    public RetryPolicy? Retry { get; init; }

    /// <summary>Work of a higher priority starts first; within a priority the order is that of submission.
    /// Default: <see cref="TaskPriority.Normal"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not a member of <see cref="TaskPriority"/>.</exception>
    public TaskPriority Priority
    {
        get;
        init => field = Enum.IsDefined(value)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Priority), value, "Not a member of TaskPriority.");
    } = TaskPriority.Normal;

    /// <summary>Cancels the task as <see cref="Future.Cancel"/> does. Default: none.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>Receives what the work reports through <see cref="TaskContext.Report"/>, on the thread that reports. Default: none.</summary>
    public IProgress<TaskProgress>? Progress { get; init; }

    /// <summary>Hands progress to <see cref="Progress"/>.</summary>
    internal void TellProgress(Future task, TaskProgress progress)
    {
        try
        {
            Progress?.Report(progress);
        }
        catch (Exception error)
        {
            // The handler's error is the submitter's, not the work's.
            task.Core.Report(FailureSource.ProgressHandler, task.Id, task.Name, error);
        }
    }
}
