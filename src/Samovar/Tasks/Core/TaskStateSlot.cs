namespace Samovar.Tasks.Core;

/// <summary>The place of what a executor keeps for one task: empty, then perhaps an item, then released for good.</summary>
internal struct TaskStateSlot
{
    private static readonly ExecutorTaskState s_released = new Nothing();

    private ExecutorTaskState? _item;

    /// <summary>The item; null where there is none, and after the end of the task.</summary>
    public readonly ExecutorTaskState? Item => Volatile.Read(in _item) is { } item && !ReferenceEquals(item, s_released) ? item : null;

    /// <summary>Gives the task what the executor keeps for it; releases that at once where the task has ended meanwhile.</summary>
    public void Attach(ExecutorTaskState item)
    {
        // SYNC: task state attached or released. One of both is first, and the other finds it.
        if (Interlocked.CompareExchange(ref _item, item, null) is not null) item.Release();
    }

    /// <summary>The task has ended: releases the item, and from here on each that comes.</summary>
    public void Release() => Interlocked.Exchange(ref _item, s_released)?.Release(); // SYNC: task state attached or released

    private sealed class Nothing : ExecutorTaskState
    {
        public override void Release()
        {
        }
    }
}
