namespace Samovar.Tasks.Completions;

/// <summary>What is to be signalled when one future ends. One entry is held in the field itself; a list is made for the second.</summary>
/// <remarks>
/// <para>An entry is an <see cref="Action"/>, which runs on the thread pool, or a <see cref="Completion"/>. The moves, each of them one
/// compare-and-swap or exchange:</para>
/// <code>
///   from      to        move           by
///   --------  --------  -------------  ------------------------------------
///   empty     entry     TryAdd         any thread
///   entry     list      TryAdd         any thread
///   entry     empty     Remove         the one that has added the entry
///   any       closed    SignalAll      the thread that has ended the future
/// </code>
/// <para>A list guards itself: <see cref="CompletionList"/> is closed by the same thread, after the slot.</para>
/// </remarks>
internal struct CompletionSlot
{
    private static readonly object s_closed = new();

    private object? _content; // null, an entry, a CompletionList, or s_closed

    /// <summary>Adds an entry. False: the future has ended, and the caller signals the entry itself.</summary>
    public bool TryAdd(object entry)
    {
        object? seen = Volatile.Read(ref _content);
        while (!ReferenceEquals(seen, s_closed))
        {
            if (seen is CompletionList list) return list.TryAdd(entry);
            object replacement = seen is null ? entry : new CompletionList(seen, entry);

            // SYNC: completion registered. Found by the one who ends the task, or refused because the task has ended.
            object? current = Interlocked.CompareExchange(ref _content, replacement, seen);
            if (ReferenceEquals(current, seen)) return true;
            seen = current;
        }

        return false;
    }

    /// <summary>Forgets an entry that is no longer interested, so that a long-lived future does not collect them.</summary>
    public void Remove(Completion completion)
    {
        object? seen = Interlocked.CompareExchange(ref _content, null, completion);
        if (seen is CompletionList list) list.Remove(completion);
    }

    /// <summary>Closes the slot and signals what was added. Called once, by the thread that has ended the future.</summary>
    public void SignalAll(Future future)
    {
        // SYNC: completion registered. Whoever comes later finds the slot closed and signals itself.
        switch (Interlocked.Exchange(ref _content, s_closed))
        {
            case null:
                break;
            case CompletionList list:
                foreach (object entry in list.Close()) Signal(entry, future);
                break;
            case { } entry:
                Signal(entry, future);
                break;
        }
    }

    /// <summary>Signals one entry.</summary>
    public static void Signal(object entry, Future future)
    {
        if (entry is Action continuation) ThreadPool.UnsafeQueueUserWorkItem(static run => run(), continuation, preferLocal: false);
        else ((Completion)entry).Signal(future);
    }
}
