using System.Diagnostics;

namespace Samovar;

/// <content>Slots: who may run. Only <see cref="GiveUnderGate"/> and <see cref="ReleaseUnderGate"/> change how many are taken,
/// and a worker knows whether it holds one, so that none is counted twice on any way out.</content>
internal sealed partial class ThreadHost
{
    private readonly Queue<WorkerThread> _returning = new(); // they wait to get back the slot they lent
    private int _slots;
    private int _active; // slots taken
    private int _searching;
    private int _returningCount;

    /// <summary>The number of slots.</summary>
    public int Workers
    {
        get => Volatile.Read(ref _slots);
        set
        {
            lock (_gate) Volatile.Write(ref _slots, value);
            CallWorkers();
        }
    }

    /// <summary>Slots that workers hold.</summary>
    public int SlotsTaken => Volatile.Read(ref _active);

    /// <summary>Workers that wait to get back the slot they lent.</summary>
    public int WorkersReturning => Volatile.Read(ref _returningCount);

    private void GiveUnderGate(WorkerThread worker)
    {
        Debug.Assert(!worker.IsLeftBehind, "a worker that was left behind never runs anything again");
        if (worker.HoldsSlot) return;
        worker.HoldsSlot = true;
        Volatile.Write(ref _active, _active + 1);
    }

    private void ReleaseUnderGate(WorkerThread worker)
    {
        StopSearchingUnderGate(worker);
        if (!worker.HoldsSlot) return;
        worker.HoldsSlot = false;
        Volatile.Write(ref _active, _active - 1);
        Debug.Assert(_active >= 0, "no more slots are given back than were taken");
    }

    private void SearchUnderGate(WorkerThread worker)
    {
        Debug.Assert(worker.HoldsSlot, "who searches may run what is found");
        if (worker.IsSearching) return;
        worker.IsSearching = true;
        Interlocked.Increment(ref _searching);
    }

    private void StopSearchingUnderGate(WorkerThread worker)
    {
        if (!worker.IsSearching) return;
        worker.IsSearching = false;
        Interlocked.Decrement(ref _searching);
    }

    /// <summary>Hands out free slots: to workers that wait to have theirs back, and to one worker that searches, if there is
    /// work and nobody searching already.</summary>
    private void CallWorkers()
    {
        while (true)
        {
            WorkerThread? called;
            lock (_gate) called = NextToCallUnderGate();
            if (called is null) return;
            called.Call();
        }
    }

    /// <summary>Gives one free slot; the worker that is returned must be called. Null: nobody is to be called (a new worker
    /// needs no call).</summary>
    private WorkerThread? NextToCallUnderGate()
    {
        if (_active >= _slots) return null;
        if (_returning.TryDequeue(out var returning))
        {
            Volatile.Write(ref _returningCount, _returning.Count);
            GiveUnderGate(returning);
            return returning;
        }

        if (!HasWork || Volatile.Read(ref _searching) != 0 || _broken is not null) return null;
        if (_parked.Count == 0)
        {
            StartWorkerUnderGate();
            return null;
        }

        var parked = _parked[^1];
        _parked.RemoveAt(_parked.Count - 1);
        GiveUnderGate(parked);
        SearchUnderGate(parked);
        return parked;
    }

    /// <summary>Lends the slot of a worker that waits for a task of this executor.</summary>
    private void LendSlot(WorkerThread worker)
    {
        lock (_gate) ReleaseUnderGate(worker);
        CallWorkers();
    }

    /// <summary>Gets a slot back; blocks until one is free. A worker that was left behind gets none and goes on without.</summary>
    private void ReturnSlot(WorkerThread worker)
    {
        lock (_gate)
        {
            if (worker.HoldsSlot || worker.IsLeftBehind) return;
            if (_active < _slots)
            {
                GiveUnderGate(worker);
                return;
            }

            _returning.Enqueue(worker);
            Volatile.Write(ref _returningCount, _returning.Count);
        }

        worker.AwaitCall();
    }

    /// <summary>Gives a worker up for good: it runs nothing more, and its thread ends with the work it is stuck in.</summary>
    /// <returns>The worker, if it waits for a slot and must be called.</returns>
    private WorkerThread? LeaveBehindUnderGate(WorkerThread worker)
    {
        if (worker.IsLeftBehind) return null;
        ReleaseUnderGate(worker);
        worker.IsLeftBehind = true;
        if (!_returning.Contains(worker)) return null;
        var others = _returning.Where(other => !ReferenceEquals(other, worker)).ToList();
        _returning.Clear();
        foreach (var other in others) _returning.Enqueue(other);
        Volatile.Write(ref _returningCount, _returning.Count);
        return worker;
    }
}
