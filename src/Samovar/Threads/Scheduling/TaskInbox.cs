namespace Samovar.Threads.Scheduling;

/// <summary>The inbox for submitted tasks: a lock-free stack of the futures themselves, emptied as a whole.</summary>
/// <remarks>
/// Pushing is a compare-and-swap on the head (R. K. Treiber, <em>Systems Programming: Coping with Parallelism</em>, 1986). Only the whole
/// stack is ever taken, by an exchange, so a node cannot reappear as the head during a push (no ABA), and reversing the taken stack yields
/// the order of the successful pushes.
/// </remarks>
internal struct TaskInbox
{
    private Future? _newest;

    public readonly bool IsEmpty => Volatile.Read(in _newest) is null;

    /// <summary>Adds a task that is in no list. A full fence.</summary>
    public void Push(Future task)
    {
        var seen = Volatile.Read(ref _newest);
        while (true)
        {
            task.Next = seen;

            // SYNC: task pushed
            var current = Interlocked.CompareExchange(ref _newest, task, seen);
            if (ReferenceEquals(current, seen)) return;
            seen = current;
        }
    }

    /// <summary>Takes all tasks, oldest first, linked by <see cref="Future.Next"/>; null if the inbox is empty.</summary>
    public Future? TakeAll()
    {
        if (IsEmpty) return null;

        // SYNC: task pushed. The exchange sees every field written before the push.
        var newest = Interlocked.Exchange(ref _newest, null);
        Future? oldest = null;
        while (newest is not null)
        {
            var next = newest.Next;
            newest.Next = oldest;
            oldest = newest;
            newest = next;
        }

        return oldest;
    }
}
