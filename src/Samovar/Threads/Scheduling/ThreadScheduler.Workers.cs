using System.Runtime.CompilerServices;
using Samovar.Primitives;

namespace Samovar.Threads.Scheduling;

/// <content>What a worker does: it takes tasks while there are some, searches for a while when there are none, and then parks.</content>
internal sealed partial class ThreadScheduler
{
    /// <summary>A worker's life: initialize, run what there is, end when told to.</summary>
    public void Work(WorkerThread worker)
    {
        if (TryInitialize(worker))
        {
            while (TryRunNext(worker))
            {
                // Each round in a frame of its own: here a local would hold the last task while the worker is idle.
            }
        }

        Ended(worker);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryRunNext(WorkerThread worker)
    {
        if (AwaitTask(worker) is not { } task) return false;
        worker.TryRun(task);
        return !worker.IsLeftBehind; // otherwise its slot has been given to another
    }

    /// <summary>Starts one more thread, with a slot.</summary>
    private void StartWorkerLocked()
    {
        var worker = _threads.MakeLocked();
        _slots.GiveLocked(worker);

        // One that has to initialize first is not searching: it may take long, and must not keep others from being called.
        if (!worker.IsInitializing) _slots.SearchLocked(worker);
        if (_threads.TryStartLocked(worker, out var error)) return;
        _slots.ReleaseLocked(worker);

        // Without any worker, waiting work would never run.
        if (_threads.WorkersLocked.Count == 0) _broken = () => new WorkerInitializationException(Name, worker.Name, error!);
    }

    /// <summary>Blocks until there is a task for this worker; null when it is to end.</summary>
    private Future? AwaitTask(WorkerThread worker)
    {
        int pauses = 0;
        while (true)
        {
            if (_queue.HasWork || _slots.Returning > 0 || !worker.HoldsSlot)
            {
                if (TryTake(worker, out var task)) return task;
                if (worker.IsParked) // not "holds no slot": it may have been called, and given one, by now, and the call must be taken
                {
                    if (!ParkUntilCalled(worker)) return null;
                    pauses = 0;
                    continue;
                }
            }

            if (!worker.IsSearching)
            {
                worker.Runner!.TimePassed();
                lock (_gate)
                {
                    if (!worker.HoldsSlot) continue;
                    _slots.SearchLocked(worker);
                }
            }

            if (SpinPolicy.TrySpinBeforeBlocking(ref pauses)) continue;
            if (!TryGiveUpSlot(worker)) continue;
            if (!ParkUntilCalled(worker)) return null;
            pauses = 0;
        }
    }

    /// <summary>Takes a task. False: there was none, or the worker has no slot any more and is parked.</summary>
    private bool TryTake(WorkerThread worker, out Future? task)
    {
        WorkerThread? called = null;
        lock (_gate)
        {
            task = null;
            if (_slots.TryKeepLocked(worker))
            {
                task = _queue.TakeLocked();
                if (task is not null)
                {
                    worker.Taken = task;
                    _slots.StopSearchingLocked(worker);
                    called = NextToCallLocked();
                }
            }
            else
            {
                ParkLocked(worker);
                called = NextToCallLocked();
            }

            CheckInvariantsLocked();
        }

        called?.Call();
        if (task is not null) _room?.GiveBack();
        return task is not null;
    }

    /// <summary>Parks a worker that found nothing. False: work arrived meanwhile and it must look again.</summary>
    private bool TryGiveUpSlot(WorkerThread worker)
    {
        lock (_gate)
        {
            _slots.ReleaseLocked(worker);

            // SYNC: work against slots. Search and slot are given up, then the inbox is read.
            Interlocked.MemoryBarrier();
            if (!worker.IsLeftBehind && _slots.HasFree && (_queue.HasWork || _slots.Returning > 0))
            {
                _slots.GiveLocked(worker);
                _slots.SearchLocked(worker);
                return false;
            }

            ParkLocked(worker);
            CheckInvariantsLocked();
            return true;
        }
    }

    private void ParkLocked(WorkerThread worker)
    {
        _slots.ReleaseLocked(worker);
        _threads.ParkLocked(worker);
        worker.IsParked = true;
    }

    /// <summary>False when the worker is to end.</summary>
    private bool ParkUntilCalled(WorkerThread worker)
    {
        worker.Runner!.TimePassed();
        worker.AwaitCall();
        worker.IsParked = false;
        lock (_gate) return !worker.MustEnd;
    }

    private bool TryInitialize(WorkerThread worker)
    {
        if (_options.Initializer is not { } initialize) return true;
        try
        {
            initialize();
            lock (_gate)
            {
                worker.IsInitializing = false;
                return !worker.IsLeftBehind;
            }
        }
        catch (Exception error)
        {
            // The executor's user learns of it through every future that this fails, and through Submit from now on.
            lock (_gate)
            {
                _broken ??= () => new WorkerInitializationException(Name, worker.Name, error);
                _slots.ReleaseLocked(worker);
            }

            FailQueued();
            CallWorkers();
            return false;
        }
    }

    private void Ended(WorkerThread worker)
    {
        bool isLast;
        lock (_gate)
        {
            _slots.ReleaseLocked(worker);
            isLast = _threads.EndedLocked(worker);
            CheckInvariantsLocked();
        }

        if (isLast) _threads.SignalStopped();
    }
}
