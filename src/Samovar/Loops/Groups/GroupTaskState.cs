namespace Samovar;

/// <summary>The state of a <see cref="GroupTask"/>.</summary>
public enum GroupTaskState
{
    /// <summary>The task has not started: it is queued, or the group's concurrency limit holds it back.</summary>
    Waiting,

    /// <summary>The task has started and has not completed.</summary>
    Running,

    /// <summary>The task completed without an error.</summary>
    Succeeded,

    /// <summary>The task threw an exception.</summary>
    Failed,

    /// <summary>The task's group was cancelled, and the task was cancelled or never started.</summary>
    Canceled,
}
