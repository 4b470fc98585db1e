using System.Diagnostics;

namespace Samovar.Tasks.Running;

/// <summary>The waiting tasks: one first-in-first-out list for each priority, linked through the futures themselves, so that
/// queueing costs no memory and a cancelled task leaves at once. Not thread-safe: the owner locks.</summary>
internal sealed class PriorityTaskQueue
{
    private const int Levels = 3;
    private readonly Level[] _levels = new Level[Levels];

    public int Count { get; private set; }

    /// <summary>The highest priority that has waiting tasks; null when there are none.</summary>
    public TaskPriority? Highest
    {
        get
        {
            for (int i = Levels - 1; i >= 0; i--)
            {
                if (_levels[i].First is not null) return (TaskPriority)(i - 1);
            }

            return null;
        }
    }

    public void Append(Future task)
    {
        ref var level = ref LevelOf(task);
        task.Next = null;
        task.Previous = level.Last;
        if (level.Last is null) level.First = task;
        else level.Last.Next = task;
        level.Last = task;
        task.IsLinked = true;
        Count++;
        CheckInvariants();
    }

    /// <summary>Puts a task in front of those of its priority: it was taken out before, and its turn has not passed.</summary>
    public void Prepend(Future task)
    {
        ref var level = ref LevelOf(task);
        task.Previous = null;
        task.Next = level.First;
        if (level.First is null) level.Last = task;
        else level.First.Previous = task;
        level.First = task;
        task.IsLinked = true;
        Count++;
        CheckInvariants();
    }

    /// <summary>Takes the next task to run; null when there is none.</summary>
    public Future? TakeFirst()
    {
        for (int i = Levels - 1; i >= 0; i--)
        {
            if (_levels[i].First is not { } first) continue;
            Remove(first);
            return first;
        }

        return null;
    }

    /// <summary>Removes a task; false when it is not in any level.</summary>
    public bool Remove(Future task)
    {
        if (!task.IsLinked) return false;
        ref var level = ref LevelOf(task);
        if (task.Previous is null) level.First = task.Next;
        else task.Previous.Next = task.Next;
        if (task.Next is null) level.Last = task.Previous;
        else task.Next.Previous = task.Previous;
        task.Next = null;
        task.Previous = null;
        task.IsLinked = false;
        Count--;
        CheckInvariants();
        return true;
    }

    private ref Level LevelOf(Future task) => ref _levels[(int)task.Options.Priority + 1];

    [Conditional("DEBUG")]
    private void CheckInvariants()
    {
        foreach (var level in _levels)
        {
            Debug.Assert(level.First is null == level.Last is null, "a level has both ends or neither");
            Debug.Assert(level.First?.Previous is null, "nothing stands before the first");
            Debug.Assert(level.Last?.Next is null, "nothing stands after the last");
        }

        Debug.Assert(Count >= 0, "no more leave than came");
        Debug.Assert(Count == 0 == Highest is null, "the count says whether there is anything");
    }

    private struct Level
    {
        public Future? First;
        public Future? Last;
    }
}
