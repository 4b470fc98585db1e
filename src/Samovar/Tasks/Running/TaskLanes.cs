using System.Diagnostics;

namespace Samovar.Tasks.Running;

/// <summary>The waiting tasks: one first-in-first-out list for each priority, linked through the futures themselves, so that
/// queueing costs no memory and a cancelled task leaves at once. Not thread-safe: the owner locks.</summary>
internal sealed class TaskLanes
{
    private const int Lanes = 3;
    private readonly Lane[] _lanes = new Lane[Lanes];

    public int Count { get; private set; }

    /// <summary>The highest priority that has waiting tasks; null when there are none.</summary>
    public TaskPriority? Highest
    {
        get
        {
            for (int i = Lanes - 1; i >= 0; i--)
            {
                if (_lanes[i].First is not null) return (TaskPriority)(i - 1);
            }

            return null;
        }
    }

    public void Append(Future task)
    {
        ref var lane = ref LaneOf(task);
        task.Next = null;
        task.Previous = lane.Last;
        if (lane.Last is null) lane.First = task;
        else lane.Last.Next = task;
        lane.Last = task;
        task.IsLinked = true;
        Count++;
        CheckInvariants();
    }

    /// <summary>Puts a task in front of those of its priority: it was taken out before, and its turn has not passed.</summary>
    public void Prepend(Future task)
    {
        ref var lane = ref LaneOf(task);
        task.Previous = null;
        task.Next = lane.First;
        if (lane.First is null) lane.Last = task;
        else lane.First.Previous = task;
        lane.First = task;
        task.IsLinked = true;
        Count++;
        CheckInvariants();
    }

    /// <summary>Takes the next task to run; null when there is none.</summary>
    public Future? TakeFirst()
    {
        for (int i = Lanes - 1; i >= 0; i--)
        {
            if (_lanes[i].First is not { } first) continue;
            Remove(first);
            return first;
        }

        return null;
    }

    /// <summary>Removes a task; false when it is not in any lane.</summary>
    public bool Remove(Future task)
    {
        if (!task.IsLinked) return false;
        ref var lane = ref LaneOf(task);
        if (task.Previous is null) lane.First = task.Next;
        else task.Previous.Next = task.Next;
        if (task.Next is null) lane.Last = task.Previous;
        else task.Next.Previous = task.Previous;
        task.Next = null;
        task.Previous = null;
        task.IsLinked = false;
        Count--;
        CheckInvariants();
        return true;
    }

    private ref Lane LaneOf(Future task) => ref _lanes[(int)task.Options.Priority + 1];

    [Conditional("DEBUG")]
    private void CheckInvariants()
    {
        foreach (var lane in _lanes)
        {
            Debug.Assert(lane.First is null == lane.Last is null, "a lane has both ends or neither");
            Debug.Assert(lane.First?.Previous is null, "nothing stands before the first");
            Debug.Assert(lane.Last?.Next is null, "nothing stands after the last");
        }

        Debug.Assert(Count >= 0, "no more leave than came");
        Debug.Assert(Count == 0 == Highest is null, "the count says whether there is anything");
    }

    private struct Lane
    {
        public Future? First;
        public Future? Last;
    }
}
