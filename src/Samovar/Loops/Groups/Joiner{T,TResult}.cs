namespace Samovar;

/// <summary>Decides when enough tasks of a group have completed, and what the group returns. A joiner has no state and can be reused.</summary>
/// <typeparam name="T">The type of the tasks' results.</typeparam>
/// <typeparam name="TResult">The type of the group's result.</typeparam>
public abstract class Joiner<T, TResult>
{
    /// <summary>Returns whether the remaining tasks are no longer needed. Called whenever a task completes.</summary>
    /// <param name="progress">The progress of the group's tasks.</param>
    /// <returns>true to cancel the remaining tasks; otherwise, false.</returns>
    public abstract bool IsDecided(JoinProgress progress);

    /// <summary>Returns the group's result when all tasks have completed. An exception that it throws is thrown by the group.</summary>
    /// <param name="outcomes">The outcomes of the tasks that completed, in the order of completion; <see cref="Outcome{T}.Index"/> is the
    /// index of the task in the order in which they were started. Tasks that were cancelled because they were no longer needed are not
    /// included.</param>
    /// <returns>The group's result.</returns>
    public abstract TResult Decide(IReadOnlyList<Outcome<T>> outcomes);
}
