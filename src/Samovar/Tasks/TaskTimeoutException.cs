using Samovar.Primitives;

namespace Samovar;

/// <summary>The exception with which a task fails when it runs longer than its <see cref="TaskOptions.Timeout"/>.</summary>
/// <remarks>If the work reacted to its token with an error other than <see cref="OperationCanceledException"/>,
/// <see cref="Exception.InnerException"/> is that error.</remarks>
public sealed class TaskTimeoutException : TimeoutException
{
    /// <summary>Initializes a new instance for one attempt of a task.</summary>
    /// <param name="taskId">The task's number within its executor.</param>
    /// <param name="taskName">The task's name; null if it has none.</param>
    /// <param name="attempt">The number of the attempt, counted from 1.</param>
    /// <param name="timeout">The timeout that expired.</param>
    /// <param name="innerException">The error that the work threw after its timeout; null for none.</param>
    public TaskTimeoutException(long taskId, string? taskName, int attempt, TimeSpan timeout, Exception? innerException = null)
        : base($"Task {taskId}{(taskName is null ? "" : $" '{taskName}'")} ran longer than its timeout of {TimeoutArguments.Text(timeout)} (attempt {attempt}).",
            innerException)
    {
        TaskId = taskId;
        TaskName = taskName;
        Attempt = attempt;
        Timeout = timeout;
    }

    /// <summary>Gets the task's number within its executor.</summary>
    public long TaskId { get; }

    /// <summary>Gets the task's name; null if it has none.</summary>
    public string? TaskName { get; }

    /// <summary>Gets the number of the attempt that timed out, counted from 1.</summary>
    public int Attempt { get; }

    /// <summary>Gets the timeout that expired.</summary>
    public TimeSpan Timeout { get; }
}
