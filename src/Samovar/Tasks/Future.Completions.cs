using Samovar.Tasks.Completions;

namespace Samovar;

/// <content>Completion callbacks, and a running task's waits for other tasks of its own executor.</content>
public abstract partial class Future
{
    /// <summary>Registers a callback that runs on the thread pool when the task has completed, or at once if it already has.</summary>
    /// <param name="callback">The callback. It receives this future.</param>
    /// <remarks>Callbacks start in the order of their registration. Each is a separate work item, so a callback that throws or blocks does
    /// not affect the others; its error is reported to <see cref="Executor.UnobservedFailure"/>.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="callback"/> is null.</exception>
    public void OnCompleted(Action<Future> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        AddCompletion(new CallbackCompletion(callback));
    }

    /// <summary>Signals the completion when the task has completed, or at once if it already has.</summary>
    internal void AddCompletion(Completion completion)
    {
        if (!TryAddCompletion(completion)) completion.Signal(this);
    }

    /// <inheritdoc cref="CompletionSlot.Remove"/>
    internal void RemoveCompletion(Completion completion) => _completions.Remove(completion);

    /// <summary>Adds an entry to signal when the task has completed. Returns false if it has; the caller must then signal the entry
    /// itself.</summary>
    internal bool TryAddCompletion(object entry)
    {
        // SYNC: completion registered. The word is marked, then the entry is added; the thread that completes the task reads the mark, then closes the
        // slot. So it finds the entry, or the entry finds the slot closed, or the mark comes too late.
        return _word.TryMarkAwaited() && _completions.TryAdd(entry);
    }

    /// <summary>Records that this running task waits for other tasks of its own executor, until <see cref="EndNestedWait"/>.</summary>
    internal void BeginNestedWait()
    {
        EnsureControls().BeginNestedWait();
        _core.NestedWaits?.Began(this);
    }

    /// <summary>Whether this running task waits for others of its own executor.</summary>
    internal bool HasNestedWaits => Volatile.Read(ref _controls) is { HasNestedWaits: true };

    internal void EndNestedWait() => EnsureControls().EndNestedWait();
}
