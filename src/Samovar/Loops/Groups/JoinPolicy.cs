namespace Samovar.Loops.Groups;

/// <summary>Handles the outcomes of a group's tasks if the group does not fail with the first error.</summary>
internal abstract class JoinPolicy
{
    /// <summary>Registers a task that was added to the group, and returns its index.</summary>
    public abstract int TaskStarted();

    /// <summary>Called when a task has completed without being cancelled. Returns true if the remaining tasks are no longer needed.</summary>
    public abstract bool TaskEnded(GroupTask task, Exception? error);
}
