namespace Samovar;

/// <content>Who is to be told of the end. One entry stands in the field itself; a list is made for the second.</content>
public abstract partial class Future
{
    private static readonly object s_completed = new();

    // null: nobody yet; an Action: run it on the thread pool; a Completion; a CompletionList; s_completed: told.
    private object? _completion;

    /// <summary>Runs <paramref name="callback"/> on the thread pool once the task has ended; at once when it has.</summary>
    /// <remarks>Callbacks start in the order they were added. One that throws or blocks holds up nobody: each is a work item of
    /// its own, and its error goes to <see cref="Executor.UnobservedFailure"/>.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="callback"/> is null.</exception>
    public void OnCompleted(Action<Future> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        AddCompletion(new CallbackCompletion(callback));
    }

    /// <summary>Signals the completion when the task has ended; at once when it has.</summary>
    internal void AddCompletion(Completion completion)
    {
        if (!TryAddCompletion(completion)) completion.Signal(this);
    }

    /// <summary>Forgets a completion that is no longer interested, so that a long-lived future does not collect them.</summary>
    internal void RemoveCompletion(Completion completion)
    {
        object? seen = Interlocked.CompareExchange(ref _completion, null, completion);
        if (seen is CompletionList list) list.Remove(completion);
    }

    /// <summary>Continues an <c>await</c>: where it came from, or on the thread pool.</summary>
    internal void AddContinuation(Action continuation, bool captureContext)
    {
        object entry = captureContext ? ContextCompletion.Capture(continuation) : continuation;
        if (TryAddCompletion(entry)) NoteOwnWait();
        else SignalOne(entry);
    }

    /// <summary>A task of this very executor may be about to wait for this one: its host must not let them wait for ever.</summary>
    internal void NoteOwnWait()
    {
        if (RunningTask.Current is not { IsCompleted: false } outer || !ReferenceEquals(outer._host, _host) || ReferenceEquals(outer, this)) return;
        outer.BeginOwnWait();
        var wait = new OwnWaitCompletion(outer);
        if (!TryAddCompletion(wait)) wait.Signal(this);
    }

    /// <summary>From here until <see cref="EndOwnWait"/> this running task waits for others of its own executor.</summary>
    internal void BeginOwnWait()
    {
        Interlocked.Increment(ref EnsureControls().OwnWaits);
        _host.NestedWaits?.Began(this);
    }

    /// <summary>Whether this running task waits for others of its own executor.</summary>
    internal bool HasOwnWaits => Volatile.Read(ref _controls) is { } controls && Volatile.Read(ref controls.OwnWaits) > 0;

    internal void EndOwnWait() => Interlocked.Decrement(ref EnsureControls().OwnWaits);

    internal bool TryAddCompletion(object entry)
    {
        object? seen = Volatile.Read(ref _completion);
        while (!ReferenceEquals(seen, s_completed))
        {
            if (seen is CompletionList list) return list.TryAdd(entry);
            object replacement = seen is null ? entry : new CompletionList(seen, entry);

            // SYNC: completion registered. Found by the one who ends the task, or refused because the task has ended.
            object? current = Interlocked.CompareExchange(ref _completion, replacement, seen);
            if (ReferenceEquals(current, seen)) return true;
            seen = current;
        }

        return false;
    }

    private void SignalCompletions()
    {
        // SYNC: completion registered. Whoever comes later finds s_completed and signals itself.
        switch (Interlocked.Exchange(ref _completion, s_completed))
        {
            case null:
                break;
            case CompletionList list:
                foreach (object entry in list.Close()) SignalOne(entry);
                break;
            case { } entry:
                SignalOne(entry);
                break;
        }
    }

    private void SignalOne(object entry)
    {
        if (entry is Action continuation) ThreadPool.UnsafeQueueUserWorkItem(static run => run(), continuation, preferLocal: false);
        else ((Completion)entry).Signal(this);
    }
}
