using System.Runtime.CompilerServices;
using Samovar.Primitives;

namespace Samovar.Threads.Scheduling;

/// <content>The loop of a worker: it takes tasks until the queue is empty, searches for a while, and then parks.</content>
internal sealed partial class ThreadScheduler
{
    /// <summary>The body of a worker thread: initializes, runs tasks, and returns when the worker must exit.</summary>
    public void Work(WorkerThread worker)
    {
        if (TryInitialize(worker))
        {
            while (TryRunNext(worker))
            {
                // Each round has a frame of its own: a local here would keep the last task alive while the worker is idle.
            }
        }

        Ended(worker);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryRunNext(WorkerThread worker)
    {
        if (AwaitTask(worker) is not { } task) return false;
        worker.TryRun(task);
        return !worker.IsLeftBehind; // an abandoned worker has lost its slot to another
    }

    /// <summary>Starts one more thread, with a slot.</summary>
    private void StartWorkerLocked()
    {
        var worker = _threads.MakeLocked();
        _slots.GiveLocked(worker);

        // A worker that has to initialize first does not count as searching: that may take long, and must not keep others from being woken.
        if (!worker.IsInitializing) _slots.SearchLocked(worker);
        if (_threads.TryStartLocked(worker, out var error)) return;
        _slots.ReleaseLocked(worker);

        // Without any worker, queued tasks would never run.
        if (_threads.WorkersLocked.Count == 0) _broken = () => new WorkerInitializationException(Name, worker.Name, error!);
    }

    /// <summary>Blocks until there is a task for this worker; returns null if the worker must exit.</summary>
    private Future? AwaitTask(WorkerThread worker)
    {
        int pauses = 0;
        while (true)
        {
            if (_queue.HasWork || _slots.Returning > 0 || !worker.HoldsSlot)
            {
                if (TryTake(worker, out var task)) return task;
                if (worker.IsParked) // not "holds no slot": it may have been woken and given one by now, and the wake-up must be consumed
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

    /// <summary>Takes a task. Returns false if the queue is empty, or if the worker has lost its slot and is parked.</summary>
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

    /// <summary>Parks a worker that found no task. Returns false if a task arrived in the meantime, so that the worker must search
    /// again.</summary>
    private bool TryGiveUpSlot(WorkerThread worker)
    {
        lock (_gate)
        {
            _slots.ReleaseLocked(worker);

            // SYNC: work against slots. Search and slot are released, then the inbox is read.
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

    /// <summary>Blocks until the worker is woken. Returns false if it must exit.</summary>
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
            // The user gets the error through every future that fails because of it, and from now on through Submit.
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
