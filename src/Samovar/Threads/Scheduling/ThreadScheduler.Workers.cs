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
            worker.Life.Ready();
            while (TryRunNext(worker)) continue;
        }

        _threads.Leave(worker);
        Ended(worker);
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // a frame of its own: a local of the caller would keep the last task alive while the worker is idle
    private bool TryRunNext(WorkerThread worker)
    {
        if ((NextOfBatch(worker) ?? AwaitTask(worker)) is not { } task) return false;
        worker.TryRun(task);
        return !worker.IsLeftBehind; // an abandoned worker has lost its slot to another
    }

    /// <summary>Takes the next task of the worker's batch, without the gate; returns null if there are no more, or if the gate must decide.</summary>
    private Future? NextOfBatch(WorkerThread worker)
    {
        if (!worker.Batch.IsShown || _queue.IsUrgent || !_slots.IsUndisputed(worker)) return null;
        return TakeOwn(worker);
    }

    /// <summary>Takes a task from the worker's own batch; null if it is empty.</summary>
    private Future? TakeOwn(WorkerThread worker)
    {
        while (worker.Batch.TakeOwn() is { } task)
        {
            if (TryClaim(worker, task)) return task;
        }

        _queue.BatchEnded(worker.Batch);
        return null;
    }

    /// <summary>Takes a task out of the queue for a worker that has found an entry. Returns false if the task has left already.</summary>
    private bool TryClaim(WorkerThread worker, Future task)
    {
        worker.Taken = task; // before it leaves the queue, so that it is always in one of the two
        if (task.QueueMark.TryClear())
        {
            _room?.GiveBack();
            return true;
        }

        worker.Taken = null;
        return false;
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
        // SYNC: drain watch. The completions of the worker's last batch are counted, then watchers are read.
        if (Counters.IsWatched) CheckDrained();
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
                task = FindLocked(worker);
                if (task is not null)
                {
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
        return task is not null;
    }

    /// <summary>Takes the task that the worker is to run next; null if no task is queued.</summary>
    private Future? FindLocked(WorkerThread worker)
    {
        if (!_queue.IsUrgent)
        {
            if (TakeOwn(worker) is { } own) return own;
            if (_queue.HasBatches && TakeOverLocked(worker, onlyLate: true) is { } late) return late;
        }

        int count = worker.NextTake();
        while (_queue.TakeLocked() is { } task)
        {
            if (!TryClaim(worker, task))
            {
                _queue.Skipped();
                continue;
            }

            if (count > 1 && !worker.Batch.IsShown) _queue.FillLocked(worker.Batch, count - 1, Workers);
            return task;
        }

        return TakeOwn(worker) ?? (_queue.HasBatches ? TakeOverLocked(worker, onlyLate: false) : null);
    }

    /// <summary>Takes a task from another worker's batch; null if all are empty.</summary>
    private Future? TakeOverLocked(WorkerThread worker, bool onlyLate)
    {
        foreach (var other in _threads.WorkersLocked)
        {
            if (!other.Batch.IsShown || ReferenceEquals(other, worker)) continue;
            if (onlyLate && !IsLate(other.Batch, worker.Runner!.LastEnd)) continue;
            while (other.Batch.TakeOverLocked() is { } task)
            {
                if (TryClaim(worker, task)) return task;
            }

            _queue.BatchEnded(other.Batch);
        }

        return null;
    }

    /// <summary>Whether a task blocks the worker of a batch, so that the batch comes before the queue.</summary>
    private bool IsLate(TaskBatch batch, long now) => now == 0 || Time.GetElapsedTime(batch.TakenAt, now) > 8 * BatchLimit.Duration;

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
        if (Options.Initializer is not { } initialize) return true;
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
            while (worker.Batch.TakeOwn() is { } task) _queue.Append(task);
            _queue.BatchEnded(worker.Batch);
            isLast = _threads.EndedLocked(worker);
            CheckInvariantsLocked();
        }

        if (Counters.IsWatched) CheckDrained(); // SYNC: drain watch. As in AwaitTask.
        if (isLast) _threads.SignalStopped();
    }
}
