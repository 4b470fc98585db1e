namespace Samovar.Loops;

/// <content>The groups that stand in no other: the roots of the tree.</content>
internal sealed partial class LoopCore
{
    private readonly List<TaskGroup> _groups = []; // locked: groups end also where code has left the loop

    public TaskGroup[] Groups
    {
        get
        {
            lock (_groups) return [.. _groups];
        }
    }

    public void Add(TaskGroup group)
    {
        lock (_groups) _groups.Add(group);
    }

    public void Remove(TaskGroup group)
    {
        lock (_groups) _groups.Remove(group);
    }
}
