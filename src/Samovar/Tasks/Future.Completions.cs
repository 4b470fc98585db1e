using Samovar.Tasks.Completions;

namespace Samovar;

/// <content>What is signalled at the end, and the tasks of its own executor for which a running task waits.</content>
public abstract partial class Future
{
    private CompletionSlot _completions;

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

    /// <inheritdoc cref="CompletionSlot.Remove"/>
    internal void RemoveCompletion(Completion completion) => _completions.Remove(completion);

    /// <inheritdoc cref="CompletionSlot.TryAdd"/>
    internal bool TryAddCompletion(object entry) => _completions.TryAdd(entry);

    /// <summary>From here until <see cref="EndNestedWait"/> this running task waits for others of its own executor.</summary>
    internal void BeginNestedWait()
    {
        EnsureControls().BeginNestedWait();
        _core.NestedWaits?.Began(this);
    }

    /// <summary>Whether this running task waits for others of its own executor.</summary>
    internal bool HasNestedWaits => Volatile.Read(ref _controls) is { HasNestedWaits: true };

    internal void EndNestedWait() => EnsureControls().EndNestedWait();
}
