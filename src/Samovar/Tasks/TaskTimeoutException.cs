using Samovar.Primitives;

namespace Samovar;

/// <summary>A task ran longer than its <see cref="TaskOptions.Timeout"/>.</summary>
/// <remarks>When the work reacted to its token with an error of its own, that is the <see cref="Exception.InnerException"/>.</remarks>
public sealed class TaskTimeoutException : TimeoutException
{
    /// <summary>Creates the error for one attempt of one task.</summary>
    public TaskTimeoutException(long taskId, string? taskName, int attempt, TimeSpan timeout, Exception? innerException = null)
        : base($"Task {taskId}{(taskName is null ? "" : $" '{taskName}'")} ran longer than its timeout of {TimeoutArguments.Text(timeout)} (attempt {attempt}).",
            innerException)
    {
        TaskId = taskId;
        TaskName = taskName;
        Attempt = attempt;
        Timeout = timeout;
    }

    /// <summary>The task's number within its executor.</summary>
    public long TaskId { get; }

    /// <summary>The task's name, if it has one.</summary>
    public string? TaskName { get; }

    /// <summary>The attempt that ran out of time, from 1.</summary>
    public int Attempt { get; }

    /// <summary>The limit it ran into.</summary>
    public TimeSpan Timeout { get; }
}
