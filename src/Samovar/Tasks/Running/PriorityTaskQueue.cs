using System.Diagnostics;

namespace Samovar.Tasks.Running;

/// <summary>The queued tasks: one first-in-first-out queue for each priority. Not thread-safe: its owner holds a lock.</summary>
/// <remarks>Whether a task is queued is a mark in the task itself, so that a cancelled task leaves at once and its entry is skipped later. Entries of
/// tasks that have left are dropped when they are the greater part.</remarks>
internal sealed class PriorityTaskQueue
{
    private const int Levels = 3;
    private readonly Level[] _levels = [new(), new(), new()];

    /// <summary>The number of queued tasks.</summary>
    public int Count { get; private set; }

    /// <summary>For tests: the number of entries for which there is memory.</summary>
    internal int Capacity => _levels.Sum(static level => level.Capacity);

    /// <summary>The highest priority with queued tasks; null if the queue is empty.</summary>
    public TaskPriority? Highest
    {
        get
        {
            for (int i = Levels - 1; i >= 0; i--)
            {
                if (_levels[i].Live > 0) return (TaskPriority)(i - 1);
            }

            return null;
        }
    }

    public void Append(Future task)
    {
        task.QueueMark.Set();
        LevelOf(task).Append(task);
        Count++;
        CheckInvariants();
    }

    /// <summary>Puts a task at the front of its priority: it was taken out before, and has not lost its turn.</summary>
    public void Prepend(Future task)
    {
        task.QueueMark.Set();
        LevelOf(task).Prepend(task);
        Count++;
        CheckInvariants();
    }

    /// <summary>Removes and returns the next task to run; null if the queue is empty.</summary>
    public Future? TakeFirst()
    {
        for (int i = Levels - 1; i >= 0; i--)
        {
            if (_levels[i].TakeFirst() is not { } first) continue;
            first.QueueMark.Clear();
            Count--;
            CheckInvariants();
            return first;
        }

        return null;
    }

    /// <summary>Removes a task; returns false if it is not queued.</summary>
    public bool Remove(Future task)
    {
        if (!task.QueueMark.IsSet) return false;
        task.QueueMark.Clear();
        LevelOf(task).Left();
        Count--;
        CheckInvariants();
        return true;
    }

    private Level LevelOf(Future task) => _levels[(int)task.Options.Priority + 1];

    [Conditional("DEBUG")]
    private void CheckInvariants()
    {
        int live = 0;
        foreach (var level in _levels)
        {
            level.CheckInvariants();
            live += level.Live;
        }

        Debug.Assert(Count == live, "the levels hold as many tasks as were added and not removed");
        Debug.Assert(Count == 0 == Highest is null, "the count is zero exactly if all levels are empty");
    }

    /// <summary>The entries of one priority, in a ring that grows.</summary>
    private sealed class Level
    {
        private const int FewestToDrop = 32;
        private const int GreatestIdleRing = 1024;

        private Future?[] _ring = new Future?[4]; // a power of two
        private int _first;
        private int _entries;

        /// <summary>The number of entries whose task is queued.</summary>
        public int Live { get; private set; }

        public int Capacity => _ring.Length;

        public void Append(Future task)
        {
            MakeRoom();
            At(_entries++) = task;
            Live++;
        }

        public void Prepend(Future task)
        {
            MakeRoom();
            _first = (_first - 1) & (_ring.Length - 1);
            _entries++;
            At(0) = task;
            Live++;
        }

        public Future? TakeFirst()
        {
            while (_entries > 0)
            {
                ref var place = ref At(0);
                var task = place!;
                place = null;
                _first = (_first + 1) & (_ring.Length - 1);
                _entries--;
                if (_entries == 0 && _ring.Length > GreatestIdleRing) (_ring, _first) = (new Future?[4], 0); // a burst must not keep its memory
                if (!task.QueueMark.IsSet) continue;
                Live--;
                return task;
            }

            return null;
        }

        /// <summary>Called when a task has left, whose entry is still here.</summary>
        public void Left()
        {
            Live--;
            if (_entries - Live > Math.Max(FewestToDrop, Live)) Drop();
        }

        [Conditional("DEBUG")]
        public void CheckInvariants()
        {
            Debug.Assert(Live >= 0 && Live <= _entries && _entries <= _ring.Length, "each queued task has an entry");
            Debug.Assert(_entries == 0 || At(0) is not null, "the first entry has a task");
        }

        private ref Future? At(int index) => ref _ring[(_first + index) & (_ring.Length - 1)];

        private void MakeRoom()
        {
            if (_entries == _ring.Length) Copy(new Future?[_ring.Length * 2]);
        }

        private void Drop() => Copy(new Future?[_ring.Length], keepAll: false);

        private void Copy(Future?[] ring, bool keepAll = true)
        {
            int kept = 0;
            for (int i = 0; i < _entries; i++)
            {
                var task = At(i)!;
                if (keepAll || task.QueueMark.IsSet) ring[kept++] = task;
            }

            (_ring, _first, _entries) = (ring, 0, kept);
        }
    }
}
