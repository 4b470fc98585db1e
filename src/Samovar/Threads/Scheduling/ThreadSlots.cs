using System.Diagnostics;

namespace Samovar.Threads.Scheduling;

/// <summary>The slots of a thread executor. A slot is the right to run a task; a worker is active while it holds one: it runs a task or
/// searches for one. Parked workers, and workers that wait for a task of their own executor, hold no slot.</summary>
/// <remarks>
/// <list type="number">
/// <item>Slots change hands under the scheduler's gate: the <c>…Locked</c> methods require it. Any thread may read the counts.</item>
/// <item>Only <see cref="GiveLocked"/> and <see cref="ReleaseLocked"/> change the number of taken slots, and each worker knows whether it
/// holds one, so no slot is released twice on any path.</item>
/// </list>
/// </remarks>
internal sealed class ThreadSlots(int count)
{
    private readonly Queue<WorkerThread> _returning = new(); // they wait to reclaim the slot that they lent
    private int _count = count;
    private int _taken;
    private int _searching;
    private int _returningCount;

    /// <summary>The total number of slots.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>The number of slots that workers hold.</summary>
    public int Taken => Volatile.Read(ref _taken);

    /// <summary>The number of workers that wait to reclaim the slot that they lent.</summary>
    public int Returning => Volatile.Read(ref _returningCount);

    /// <summary>Whether a worker is searching for a task, and will find one that is queued.</summary>
    public bool IsSearched => Volatile.Read(ref _searching) != 0;

    public bool HasFree => Volatile.Read(ref _taken) < Volatile.Read(ref _count);

    /// <summary>Whether a worker may start a task that it has taken without asking <see cref="TryKeepLocked"/>. Any thread may read this.</summary>
    public bool IsUndisputed(WorkerThread worker) => worker.HoldsSlot && !worker.IsLeftBehind && Returning == 0 && Taken <= Count;

    public void SetCountLocked(int value) => Volatile.Write(ref _count, value);

    public void GiveLocked(WorkerThread worker)
    {
        Debug.Assert(!worker.IsLeftBehind, "an abandoned worker runs no more tasks");
        if (worker.HoldsSlot) return;
        worker.HoldsSlot = true;
        Volatile.Write(ref _taken, _taken + 1);
    }

    public void ReleaseLocked(WorkerThread worker)
    {
        StopSearchingLocked(worker);
        if (!worker.HoldsSlot) return;
        worker.HoldsSlot = false;
        Volatile.Write(ref _taken, _taken - 1);
    }

    public void SearchLocked(WorkerThread worker)
    {
        Debug.Assert(worker.HoldsSlot, "a searching worker holds the slot to run the task that it finds");
        if (worker.IsSearching) return;
        worker.IsSearching = true;
        Interlocked.Increment(ref _searching);
    }

    public void StopSearchingLocked(WorkerThread worker)
    {
        if (!worker.IsSearching) return;
        worker.IsSearching = false;
        Interlocked.Decrement(ref _searching);
    }

    /// <summary>Returns whether this worker may take a task, and releases its slot if not. The slot may have been given away while the
    /// worker was blocked; there may be one worker too many; and a worker that lent its slot has precedence.</summary>
    public bool TryKeepLocked(WorkerThread worker)
    {
        bool isWanted = !worker.IsLeftBehind && _returning.Count == 0
            && (worker.HoldsSlot ? _taken <= _count : _taken < _count);
        if (isWanted) GiveLocked(worker);
        else ReleaseLocked(worker);
        return isWanted;
    }

    /// <summary>Returns the slot that a worker lent. An abandoned worker gets none and continues without.</summary>
    /// <returns>false if no slot is free; the worker is then woken when it has one.</returns>
    public bool TryReturnLocked(WorkerThread worker)
    {
        if (worker.HoldsSlot || worker.IsLeftBehind) return true;
        if (_taken < _count)
        {
            GiveLocked(worker);
            return true;
        }

        _returning.Enqueue(worker);
        Volatile.Write(ref _returningCount, _returning.Count);
        return false;
    }

    /// <summary>Gives a free slot to the worker that has waited longest to reclaim its own, and returns that worker, which must be woken;
    /// null if no worker waits.</summary>
    public WorkerThread? GiveToReturningLocked()
    {
        if (!_returning.TryDequeue(out var returning)) return null;
        Volatile.Write(ref _returningCount, _returning.Count);
        GiveLocked(returning);
        return returning;
    }

    /// <summary>Abandons a worker permanently: it runs no more tasks, and its thread exits when the work that blocks it returns.</summary>
    /// <returns>The worker, if it waits for a slot and must be woken.</returns>
    public WorkerThread? LeaveBehindLocked(WorkerThread worker)
    {
        if (worker.IsLeftBehind) return null;
        ReleaseLocked(worker);
        worker.IsLeftBehind = true;
        if (!_returning.Contains(worker)) return null;
        var others = _returning.Where(other => !ReferenceEquals(other, worker)).ToList();
        _returning.Clear();
        foreach (var other in others) _returning.Enqueue(other);
        Volatile.Write(ref _returningCount, _returning.Count);
        return worker;
    }

    [Conditional("DEBUG")]
    public void CheckInvariantsLocked(List<WorkerThread> workers)
    {
        int holders = 0, searchers = 0;
        foreach (var worker in workers)
        {
            if (worker.HoldsSlot) holders++;
            if (worker.IsSearching) searchers++;
            Debug.Assert(worker.HoldsSlot || !worker.IsSearching, "a searching worker holds a slot");
            Debug.Assert(!worker.IsLeftBehind || !worker.HoldsSlot, "an abandoned worker holds no slot");
        }

        Debug.Assert(_taken == holders, "the number of taken slots equals the number of workers that hold one");
        Debug.Assert(_searching == searchers, "the number of searching workers is counted correctly");
        Debug.Assert(_returningCount == _returning.Count, "the count that is read outside the gate matches the queue");
        foreach (var worker in _returning)
        {
            Debug.Assert(!worker.HoldsSlot, "a worker that waits for a slot does not hold one");
            Debug.Assert(!worker.IsLeftBehind, "an abandoned worker does not wait for a slot");
        }
    }
}
