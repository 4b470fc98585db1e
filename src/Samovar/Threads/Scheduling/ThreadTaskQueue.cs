using Samovar.Tasks.Core;

namespace Samovar.Threads.Scheduling;

/// <summary>The queued tasks of a thread executor: one inbox for each priority, and the batches that workers have taken from there.</summary>
/// <remarks>
/// <list type="number">
/// <item>An entry of an inbox or a batch is only a reference: the task belongs to the caller that clears its mark: <see cref="QueueMark.TryClear"/>.
/// So a task that was cancelled, or run by a task that waits for it, leaves its entry behind, and the worker that finds the entry skips it.</item>
/// <item>Any thread may push and remove a task and read whether there is work, without a lock. Entries are taken under the scheduler's gate: the
/// <c>…Locked</c> methods require it.</item>
/// </list>
/// </remarks>
internal sealed class ThreadTaskQueue
{
    private const int FewestToSweep = 128;

    private readonly TaskInbox _normal = new();
    private readonly TaskInbox _high = new();
    private readonly TaskInbox _low = new();
    private int _highCount;
    private int _lowCount;
    private int _left; // entries whose task has left, and which were not skipped yet
    private int _sweepAt = FewestToSweep;
    private int _batches;

    /// <summary>Whether there may be a task to take. Under the gate this misses no task whose pusher has returned, apart from those behind a place that
    /// another pusher has reserved and not filled; that pusher then wakes a worker.</summary>
    public bool HasWork => HasEntries || HasBatches;

    /// <summary>Whether a worker has taken tasks that it has not started, so that another may take them over.</summary>
    public bool HasBatches => Volatile.Read(ref _batches) != 0;

    /// <summary>Whether a task waits that precedes all of normal priority.</summary>
    public bool IsUrgent => Volatile.Read(ref _highCount) > 0 && !_high.IsEmpty;

    private bool HasEntries => !_normal.IsEmpty || IsUrgent || (Volatile.Read(ref _lowCount) > 0 && !_low.IsEmpty);

    /// <summary>Adds a task. A full fence.</summary>
    public void Push(Future task)
    {
        task.QueueMark.Set();
        Append(task);
    }

    /// <summary>Adds an entry that was taken from a batch.</summary>
    public void Append(Future task)
    {
        switch (task.Options.Priority)
        {
            case TaskPriority.Normal:
                _normal.Push(task);
                break;
            case TaskPriority.High:
                _high.Push(task);
                Interlocked.Increment(ref _highCount); // after the push, so that the counted tasks are there
                break;
            default:
                _low.Push(task);
                Interlocked.Increment(ref _lowCount);
                break;
        }
    }

    /// <summary>Takes the first entry; null if the queue is empty. The task may have left the queue.</summary>
    public Future? TakeLocked()
    {
        if (IsUrgent && _high.TakeLocked() is { } urgent)
        {
            Interlocked.Decrement(ref _highCount);
            return urgent;
        }

        if (_normal.TakeLocked() is { } normal) return normal;
        if (Volatile.Read(ref _lowCount) <= 0 || _low.TakeLocked() is not { } low) return null;
        Interlocked.Decrement(ref _lowCount);
        return low;
    }

    /// <summary>Moves entries of normal priority into a worker's batch, at most its fair share of those that are there.</summary>
    public void FillLocked(TaskBatch batch, int count, int workers)
    {
        count = Math.Min(count, _normal.CountLocked() / workers);
        while (count-- > 0 && !batch.IsFull && _normal.TakeLocked() is { } task) batch.AddLocked(task);
        batch.ShowLocked(ref _batches);
    }

    /// <summary>Removes a task; returns false if it is not queued here.</summary>
    /// <param name="task">The task.</param>
    /// <param name="gate">The scheduler's gate, which the caller does not hold.</param>
    public bool Remove(Future task, Lock gate)
    {
        if (!task.QueueMark.TryClear()) return false;
        if (Interlocked.Increment(ref _left) < Volatile.Read(ref _sweepAt) || !gate.TryEnter()) return true; // a later removal sweeps

        // Not a wait for the gate: this thread may be interrupted, and the task has left already.
        try
        {
            SweepLocked();
        }
        finally
        {
            gate.Exit();
        }

        return true;
    }

    /// <summary>Called when an entry of an inbox was taken whose task has left.</summary>
    public void Skipped() => Interlocked.Decrement(ref _left);

    /// <summary>Drops the entries of tasks that have left from the front of each priority.</summary>
    public void DropFirstLocked()
    {
        int normal = _normal.DropFirstLocked(), high = _high.DropFirstLocked(), low = _low.DropFirstLocked();
        if (high != 0) Interlocked.Add(ref _highCount, -high);
        if (low != 0) Interlocked.Add(ref _lowCount, -low);
        if (normal + high + low != 0) Interlocked.Add(ref _left, -(normal + high + low));
    }

    /// <summary>Called when a worker's batch has no more entries.</summary>
    public void BatchEnded(TaskBatch batch) => batch.Hide(ref _batches);

    /// <summary>Drops the entries of tasks that have left, so that tasks that are submitted and cancelled do not accumulate behind one that waits for a
    /// worker. Each sweep costs as much as the removals before it.</summary>
    private void SweepLocked()
    {
        if (_left < _sweepAt) return;
        Volatile.Write(ref _left, 0);
        _normal.SweepLocked(out int normal);
        Interlocked.Add(ref _highCount, -_high.SweepLocked(out int high));
        Interlocked.Add(ref _lowCount, -_low.SweepLocked(out int low));
        Volatile.Write(ref _sweepAt, Math.Max(FewestToSweep, normal + high + low));
    }
}
