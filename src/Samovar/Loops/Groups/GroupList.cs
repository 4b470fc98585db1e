using System.Diagnostics;

namespace Samovar.Loops.Groups;

/// <summary>Groups without an enclosing group: the roots of the task tree, oldest first. Thread-safe; adding and removing take constant
/// time.</summary>
internal sealed class GroupList
{
    private readonly Lock _gate = new();
    private TaskGroup? _first;
    private TaskGroup? _last;

    public TaskGroup[] All
    {
        get
        {
            lock (_gate)
            {
                var all = new List<TaskGroup>();
                for (var group = _first; group is not null; group = group.NextRoot) all.Add(group);
                return [.. all];
            }
        }
    }

    public void Add(TaskGroup group)
    {
        lock (_gate)
        {
            group.PreviousRoot = _last;
            if (_last is null) _first = group;
            else _last.NextRoot = group;
            _last = group;
            CheckInvariantsLocked();
        }
    }

    public void Remove(TaskGroup group)
    {
        lock (_gate)
        {
            if (group.PreviousRoot is null) _first = group.NextRoot;
            else group.PreviousRoot.NextRoot = group.NextRoot;
            if (group.NextRoot is null) _last = group.PreviousRoot;
            else group.NextRoot.PreviousRoot = group.PreviousRoot;
            group.NextRoot = null;
            group.PreviousRoot = null;
            CheckInvariantsLocked();
        }
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_first is null == _last is null, "the list has both ends or neither");
        Debug.Assert(_first?.PreviousRoot is null, "the first group has no predecessor");
        Debug.Assert(_last?.NextRoot is null, "the last group has no successor");
    }
}
