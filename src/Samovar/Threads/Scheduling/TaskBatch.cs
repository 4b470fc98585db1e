using Samovar.Tasks.Core;

namespace Samovar.Threads.Scheduling;

/// <summary>The tasks that a worker has taken from the queue at once, because tasks have been very short lately, and has not started. Other workers take
/// them over when a task blocks it.</summary>
/// <remarks>
/// <list type="number">
/// <item>Only its worker adds entries, under the scheduler's gate.</item>
/// <item>Its worker takes entries from it without the gate, other workers under it. Both may find the same entry: see
/// <see cref="QueueMark.TryClear"/>.</item>
/// </list>
/// </remarks>
internal sealed class TaskBatch
{
    /// <summary>The greatest number of tasks that a worker takes at once.</summary>
    public const int Capacity = 32;

    private readonly Place[] _places = new Place[Capacity];
    private int _next;
    private int _count;
    private int _isShown;

    /// <summary>The timestamp at which the tasks were taken.</summary>
    public long TakenAt { get; set; }

    /// <summary>Whether tasks may be left. Any thread may read this.</summary>
    public bool IsShown => Volatile.Read(ref _isShown) != 0;

    public bool IsFull => _count == Capacity;

    public void AddLocked(Future task) => Volatile.Write(ref _places[_count++].Task, task); // SYNC: entry of a batch

    /// <summary>Announces the entries to other workers. Called after the entries were added.</summary>
    public void ShowLocked(ref int batches)
    {
        if (_count == 0) return;
        Volatile.Write(ref _isShown, 1);
        Interlocked.Increment(ref batches);
    }

    /// <summary>Reverts <see cref="ShowLocked"/>, if no other thread has done so.</summary>
    public void Hide(ref int batches)
    {
        if (IsShown && Interlocked.Exchange(ref _isShown, 0) != 0) Interlocked.Decrement(ref batches);
    }

    /// <summary>Takes the next entry; null if there are no more, so that the batch can be filled again. Called by the batch's worker.</summary>
    public Future? TakeOwn()
    {
        while (_next < _count)
        {
            ref var place = ref _places[_next++].Task;
            var task = Volatile.Read(ref place); // SYNC: entry of a batch
            if (task is null) continue;
            Volatile.Write(ref place, null);
            return task;
        }

        _next = 0;
        _count = 0;
        return null;
    }

    /// <summary>Takes the first entry; null if it is empty. Called by another worker.</summary>
    public Future? TakeOverLocked()
    {
        foreach (ref var place in _places.AsSpan())
        {
            if (Volatile.Read(ref place.Task) is not { } task) continue; // SYNC: entry of a batch
            Volatile.Write(ref place.Task, null);
            return task;
        }

        return null;
    }

    /// <summary>A struct, so that its address is taken without a check of the array's type.</summary>
    private struct Place
    {
        public Future? Task;
    }
}
