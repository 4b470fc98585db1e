using System.Diagnostics;

namespace Samovar.Tasks.Running;

/// <summary>The queued tasks: one first-in-first-out list per priority, linked through the futures themselves, so that queueing allocates
/// nothing and a cancelled task is removed at once. Not thread-safe: its owner holds a lock.</summary>
internal sealed class PriorityTaskQueue
{
    private const int Levels = 3;
    private readonly Level[] _levels = new Level[Levels];

    public int Count { get; private set; }

    /// <summary>The highest priority with queued tasks; null if the queue is empty.</summary>
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

    /// <summary>Puts a task at the front of its priority: it was taken out before, and has not lost its turn.</summary>
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

    /// <summary>Removes and returns the next task to run; null if the queue is empty.</summary>
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

    /// <summary>Removes a task; returns false if it is not queued.</summary>
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
            Debug.Assert(level.First is null == level.Last is null, "a level has a first and a last task, or neither");
            Debug.Assert(level.First?.Previous is null, "no task precedes the first");
            Debug.Assert(level.Last?.Next is null, "no task follows the last");
        }

        Debug.Assert(Count >= 0, "no more tasks are removed than were added");
        Debug.Assert(Count == 0 == Highest is null, "the count is zero exactly if all levels are empty");
    }

    private struct Level
    {
        public Future? First;
        public Future? Last;
    }
}
