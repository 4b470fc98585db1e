using Samovar.Primitives;

namespace Samovar;

/// <summary>The options of a task. Immutable; one instance can be used for any number of tasks.</summary>
public record TaskOptions
{
    internal static TaskOptions Default { get; } = new();

    /// <summary>Gets the task's name, which appears in errors, statistics and traces. The default is null: no name.</summary>
    public string? Name { get; init; }

    /// <summary>Gets the timeout of each attempt, counted from the start of the attempt; time in the queue does not count. More than zero,
    /// or null (the default) or <see cref="System.Threading.Timeout.InfiniteTimeSpan"/> for no limit.</summary>
    /// <remarks>When the timeout expires, the attempt's token is cancelled. After the executor's
    /// <see cref="ExecutorOptions.CancellationGrace"/> the attempt is killed if the executor can do so (worker processes) and abandoned if
    /// it cannot (threads). In both cases the future fails with <see cref="TaskTimeoutException"/>, even if the work still returned a value
    /// after the timeout.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The value is zero, negative, or exceeds the range of a timer (about 49
    /// days).</exception>
    /// <example>
    /// <code>
    /// Future slow = executor.Submit(
    ///     async token => await Task.Delay(TimeSpan.FromHours(1), token),
    ///     new() { Name = "slow", Timeout = TimeSpan.FromMilliseconds(50) });
    /// try
    /// {
    ///     await slow;
    /// }
    /// catch (TaskTimeoutException error)
    /// {
    ///     Console.WriteLine(error.Message); // Task 1 'slow' ran longer than its timeout of 50 ms (attempt 1).
    /// }
    /// </code>
    /// </example>
    public TimeSpan? Timeout
    {
        get;
        init => field = TimeoutArguments.RequireLimit(value, nameof(Timeout));
    }

    /// <summary>Gets the policy for retrying failed attempts. The default is null: no retries.</summary>
    public RetryPolicy? Retry { get; init; }

    /// <summary>Gets the priority. Tasks of a higher priority start first; within a priority, tasks start in the order of submission (see
    /// <see cref="Executor"/>). The default is <see cref="TaskPriority.Normal"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a member of <see cref="TaskPriority"/>.</exception>
    public TaskPriority Priority
    {
        get;
        init => field = Enum.IsDefined(value)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Priority), value, "Not a member of TaskPriority.");
    } = TaskPriority.Normal;

    /// <summary>Gets the token that cancels the task, as <see cref="Future.Cancel"/> does. The default cannot be cancelled.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>Gets the handler of the progress that the work reports through <see cref="TaskContext.Report"/>. It runs on the reporting
    /// thread. The default is null: none.</summary>
    public IProgress<TaskProgress>? Progress { get; init; }

    /// <summary>Passes progress to <see cref="Progress"/>.</summary>
    internal void TellProgress(Future task, TaskProgress progress)
    {
        try
        {
            Progress?.Report(progress);
        }
        catch (Exception error)
        {
            // The handler belongs to the submitter, so its error must not fail the work.
            task.Core.Report(FailureSource.ProgressHandler, task.Id, task.Name, error);
        }
    }
}
