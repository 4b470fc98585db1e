using Samovar.Tasks.Running;

namespace Samovar.Threads.Scheduling;

/// <summary>The queued tasks of a thread executor: an inbox, to which submitters push, and the queue, from which workers take.</summary>
/// <remarks>
/// <list type="number">
/// <item>Any thread may push a task and read whether there is work, without a lock.</item>
/// <item>Everything else happens under the scheduler's gate: the <c>…Locked</c> methods require it.</item>
/// </list>
/// </remarks>
internal sealed class ThreadTaskQueue
{
    private readonly PriorityTaskQueue _queue = new();
    private TaskInbox _inbox;
    private int _urgent; // the inbox may contain a task whose priority is not Normal

    public bool HasWork => !_inbox.IsEmpty || _queue.Count > 0;

    /// <summary>Adds a task. A full fence.</summary>
    public void Push(Future future)
    {
        _inbox.Push(future);
        if (future.Options.Priority != TaskPriority.Normal) Volatile.Write(ref _urgent, 1); // after the push, see SortInboxLocked
    }

    /// <summary>Takes the next task to run; null if no task is queued.</summary>
    public Future? TakeLocked()
    {
        // The inbox may contain a task that precedes those in the queue.
        if (Volatile.Read(ref _urgent) != 0 || _queue.Highest is null or TaskPriority.Low) SortInboxLocked();
        return _queue.TakeFirst();
    }

    /// <summary>Removes and returns all queued tasks.</summary>
    public List<Future> TakeAllLocked()
    {
        var taken = new List<Future>();
        SortInboxLocked();
        while (_queue.TakeFirst() is { } task) taken.Add(task);
        return taken;
    }

    /// <summary>Removes a task; returns false if it is not queued here.</summary>
    public bool RemoveLocked(Future future)
    {
        SortInboxLocked();
        return _queue.Remove(future);
    }

    private void SortInboxLocked()
    {
        Volatile.Write(ref _urgent, 0); // before the inbox is taken; the mark is set after the push, so it is not lost
        for (var task = _inbox.TakeAll(); task is not null;)
        {
            var next = task.Next;
            _queue.Append(task);
            task = next;
        }
    }
}
