using System.Diagnostics;

namespace Samovar;

/// <summary>The slots of a thread executor. A slot is the right to run a task; a worker is active while it holds one: it runs a task or searches for one. Parked workers, and workers
/// that wait for a task of their own executor, hold none.</summary>
/// <remarks>
/// <list type="number">
/// <item>Slots change hands under the scheduler's gate: the <c>…Locked</c> methods need it. Any thread reads the counts.</item>
/// <item>Only <see cref="GiveLocked"/> and <see cref="ReleaseLocked"/> change how many are taken, and a worker knows whether it holds one, so that none is counted
/// twice on any way out.</item>
/// </list>
/// </remarks>
internal sealed class ThreadSlots(int count)
{
    private readonly Queue<WorkerThread> _returning = new(); // they wait to get back the slot they lent
    private int _count = count;
    private int _taken;
    private int _searching;
    private int _returningCount;

    /// <summary>How many there are.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>How many workers hold.</summary>
    public int Taken => Volatile.Read(ref _taken);

    /// <summary>Workers that wait to get back the slot they lent.</summary>
    public int Returning => Volatile.Read(ref _returningCount);

    /// <summary>Whether a worker looks for work, and will find it.</summary>
    public bool IsSearched => Volatile.Read(ref _searching) != 0;

    public bool HasFree => Volatile.Read(ref _taken) < Volatile.Read(ref _count);

    public void SetCountLocked(int value) => Volatile.Write(ref _count, value);

    public void GiveLocked(WorkerThread worker)
    {
        Debug.Assert(!worker.IsLeftBehind, "a worker that was left behind never runs anything again");
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
        Debug.Assert(worker.HoldsSlot, "a worker that searches may run what it finds");
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

    /// <summary>Whether this worker may take a task; releases its slot where not. The slot may have been taken while the worker was blocked; there may be one too
    /// many; and a worker that lent its slot goes first.</summary>
    public bool TryKeepLocked(WorkerThread worker)
    {
        bool isWanted = !worker.IsLeftBehind && _returning.Count == 0
            && (worker.HoldsSlot ? _taken <= _count : _taken < _count);
        if (isWanted) GiveLocked(worker);
        else ReleaseLocked(worker);
        return isWanted;
    }

    /// <summary>Gives a worker back the slot that it lent. A worker that was left behind gets none and goes on without.</summary>
    /// <returns>False: none is free, and the worker is called when it has one.</returns>
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

    /// <summary>Gives a free slot to the worker that has waited longest to have its own back, and must be called; null where none waits.</summary>
    public WorkerThread? GiveToReturningLocked()
    {
        if (!_returning.TryDequeue(out var returning)) return null;
        Volatile.Write(ref _returningCount, _returning.Count);
        GiveLocked(returning);
        return returning;
    }

    /// <summary>Gives a worker up for good: it runs nothing more, and its thread ends with the work it is stuck in.</summary>
    /// <returns>The worker, if it waits for a slot and must be called.</returns>
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
            Debug.Assert(worker.HoldsSlot || !worker.IsSearching, "a worker that searches holds a slot");
            Debug.Assert(!worker.IsLeftBehind || !worker.HoldsSlot, "a worker that was left behind holds no slot");
        }

        Debug.Assert(_taken == holders, "as many slots are taken as workers hold one");
        Debug.Assert(_searching == searchers, "as many workers are counted as searching as search");
        Debug.Assert(_returningCount == _returning.Count, "those outside the gate see how many wait for a slot");
        foreach (var worker in _returning)
        {
            Debug.Assert(!worker.HoldsSlot, "a worker that waits for a slot holds none");
            Debug.Assert(!worker.IsLeftBehind, "a worker that was left behind waits for no slot");
        }
    }
}
