namespace Samovar.Processes.Parent;

/// <summary>The outcome of an attempt to send a task to a worker.</summary>
internal enum SendOutcome
{
    /// <summary>The task was sent.</summary>
    Sent,

    /// <summary>The worker cannot take the task now.</summary>
    NoRoom,

    /// <summary>The task has completed, or cannot be sent to any worker: see <see cref="SerializedTask.Refusal"/>.</summary>
    Over,
}
