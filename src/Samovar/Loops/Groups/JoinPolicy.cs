namespace Samovar.Loops.Groups;

/// <summary>What a group does with the ends of its tasks, where it is not to fail with the first error.</summary>
internal abstract class JoinPolicy
{
    /// <summary>A task was given to the group; gives its place.</summary>
    public abstract int TaskStarted();

    /// <summary>A task has ended, by itself. True: the others are no longer needed.</summary>
    public abstract bool TaskEnded(GroupTask task, Exception? error);
}
