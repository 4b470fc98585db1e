namespace Samovar.Tasks.Completions;

/// <summary>The objects to signal when one future completes. The first entry is stored in the field itself; the second creates a
/// list.</summary>
/// <remarks>
/// <para>An entry is an <see cref="Action"/>, which runs on the thread pool, or a <see cref="Completion"/>. Each transition is one
/// compare-and-swap or exchange:</para>
/// <code>
///   from      to        method         called by
///   --------  --------  -------------  -------------------------------------
///   empty     entry     TryAdd         any thread
///   entry     list      TryAdd         any thread
///   entry     empty     Remove         the owner of the entry
///   any       closed    SignalAll      the thread that completed the future
/// </code>
/// <para>A list has its own lock: the thread that closes the slot closes the <see cref="CompletionList"/> after it.</para>
/// </remarks>
internal struct CompletionSlot
{
    private static readonly object s_closed = new();

    private object? _content; // null, an entry, a CompletionList, or s_closed

    /// <summary>Adds an entry. Returns false if the slot is closed; the caller must then signal the entry itself.</summary>
    public bool TryAdd(object entry)
    {
        object? seen = Volatile.Read(ref _content);
        while (!ReferenceEquals(seen, s_closed))
        {
            if (seen is CompletionList list) return list.TryAdd(entry);
            object replacement = seen is null ? entry : new CompletionList(seen, entry);

            object? current = Interlocked.CompareExchange(ref _content, replacement, seen);
            if (ReferenceEquals(current, seen)) return true;
            seen = current;
        }

        return false;
    }

    /// <summary>Removes an entry whose owner no longer waits, so that entries do not accumulate in a long-lived future.</summary>
    public void Remove(Completion completion)
    {
        object? seen = Interlocked.CompareExchange(ref _content, null, completion);
        if (seen is CompletionList list) list.Remove(completion);
    }

    /// <summary>Closes the slot and signals all entries. Called once, by the thread that completed the future, if the future is marked as
    /// awaited.</summary>
    public void SignalAll(Future future)
    {
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
