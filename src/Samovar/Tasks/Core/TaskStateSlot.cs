namespace Samovar.Tasks.Core;

/// <summary>The slot for the state that an executor keeps for one task: empty, then possibly an item, then released permanently.</summary>
internal struct TaskStateSlot
{
    private static readonly ExecutorTaskState s_released = new Nothing();

    private ExecutorTaskState? _item;

    /// <summary>The item; null if the slot is empty or the task has completed.</summary>
    public readonly ExecutorTaskState? Item => Volatile.Read(in _item) is { } item && !ReferenceEquals(item, s_released) ? item : null;

    /// <summary>Stores the executor's state for the task; releases it at once if the task has completed in the meantime.</summary>
    public void Attach(ExecutorTaskState item)
    {
        // SYNC: task state attached or released. One of the two comes first, and the other sees it.
        if (Interlocked.CompareExchange(ref _item, item, null) is not null) item.Release();
    }

    /// <summary>Called when the task has completed: releases the item, and every item that is attached later.</summary>
    public void Release() => Interlocked.Exchange(ref _item, s_released)?.Release(); // SYNC: task state attached or released

    private sealed class Nothing : ExecutorTaskState
    {
        public override void Release()
        {
        }
    }
}
