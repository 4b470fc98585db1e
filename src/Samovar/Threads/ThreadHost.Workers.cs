using System.Runtime.CompilerServices;

namespace Samovar;

/// <content>Workers: called when there is work and a slot, parked when there is none, ended when idle for long.</content>
internal sealed partial class ThreadHost
{
    private ITimer? _idleTimer;

    /// <summary>The number of slots.</summary>
    public int Workers
    {
        get => Volatile.Read(ref _slots);
        set
        {
            List<WorkerThread> returned = [];
            lock (_gate)
            {
                Volatile.Write(ref _slots, value);
                while (_returning.Count > 0 && _active < _slots)
                {
                    Activate(+1);
                    returned.Add(ReturningUnderGate());
                }
            }

            foreach (var worker in returned) worker.Call();
            CallWorkers();
        }
    }

    /// <summary>A worker's life: initialize, run what there is, end when told to.</summary>
    public void Work(WorkerThread worker)
    {
        if (!TryInitialize(worker)) return;
        while (TryRunNext(worker))
        {
            // Each round in a frame of its own: here a local would hold the last task while the worker is idle.
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

    /// <summary>Gives a slot to a worker if there is work, a free slot, and nobody searching already.</summary>
    private void CallWorkers()
    {
        WorkerThread? called = null;
        lock (_gate)
        {
            if (HasWork && Volatile.Read(ref _searching) == 0) called = TryCallUnderGate();
        }

        called?.Call();
    }

    /// <summary>Hands a free slot to a parked worker, which the caller must <see cref="WorkerThread.Call"/>, or to a new one.</summary>
    private WorkerThread? TryCallUnderGate()
    {
        if (_active >= _slots || _broken is not null) return null;
        Activate(+1);
        Interlocked.Increment(ref _searching);
        if (_parked.Count > 0)
        {
            var parked = _parked[^1];
            _parked.RemoveAt(_parked.Count - 1);
            parked.IsSearching = true;
            return parked;
        }

        StartWorkerUnderGate();
        return null;
    }

    /// <summary>Starts one more thread, which begins by searching.</summary>
    private void StartWorkerUnderGate()
    {
        var worker = new WorkerThread(this, ++_started, _options) { IsSearching = true, IsInitializing = _options.Initializer is not null };
        try
        {
            worker.Start();
            _workers.Add(worker);
        }
        catch (OutOfMemoryException error)
        {
            Activate(-1);
            Interlocked.Decrement(ref _searching);

            // No thread to be had. Living workers will come to the task in time, and nothing is lost but speed; without any,
            // waiting work would wait for ever.
            if (_workers.Count == 0) _broken = () => new WorkerInitializationException(Name, worker.Name, error);
        }
    }

    /// <summary>Blocks until there is a task for this worker; null when it is to end.</summary>
    private Future? AwaitTask(WorkerThread worker)
    {
        var spin = new SpinPolicy();
        while (true)
        {
            if (HasWork || Volatile.Read(ref _returningCount) > 0 || worker.IsSlotTaken)
            {
                if (TryTake(worker, out var task, out bool hasSlot)) return task;
                if (!hasSlot)
                {
                    if (!ParkUntilCalled(worker)) return null;
                    spin = new SpinPolicy();
                    continue;
                }
            }

            if (!worker.IsSearching)
            {
                worker.Runner!.TimePassed();
                Search(worker);
            }

            if (spin.TrySpin()) continue;
            if (!TryGiveUpSlot(worker)) continue;
            if (!ParkUntilCalled(worker)) return null;
            spin = new SpinPolicy();
        }
    }

    /// <summary>Takes a task, or gives the slot to a worker that waits to have its own back.</summary>
    private bool TryTake(WorkerThread worker, out Future? task, out bool hasSlot)
    {
        WorkerThread? called = null;
        lock (_gate)
        {
            task = null;
            hasSlot = KeepsSlotUnderGate(worker, ref called);
            if (hasSlot)
            {
                task = TakeUnderGate();
                if (task is not null)
                {
                    StopSearchingUnderGate(worker);
                    if (HasWork && Volatile.Read(ref _searching) == 0) called = TryCallUnderGate();
                }
            }
        }

        called?.Call();
        if (task is not null) _room?.GiveBack();
        return task is not null;
    }

    /// <summary>Settles what this worker owes: a slot taken from it while it was blocked, one too many, or one that another
    /// waits for. False: it holds none any more and is parked.</summary>
    private bool KeepsSlotUnderGate(WorkerThread worker, ref WorkerThread? called)
    {
        if (worker.IsLeftBehind)
        {
            ParkUnderGate(worker);
            return false;
        }

        if (worker.IsSlotTaken)
        {
            worker.IsSlotTaken = false;
            if (_active >= _slots)
            {
                ParkUnderGate(worker);
                return false;
            }

            Activate(+1);
        }

        if (_active > _slots)
        {
            Activate(-1);
            ParkUnderGate(worker);
            return false;
        }

        if (_returning.Count == 0) return true;
        called = ReturningUnderGate();
        ParkUnderGate(worker);
        return false;
    }

    /// <summary>The worker that has waited longest to get its slot back; it has one now, and the caller must call it.</summary>
    private WorkerThread ReturningUnderGate()
    {
        var worker = _returning.Dequeue();
        Volatile.Write(ref _returningCount, _returning.Count);
        worker.IsSlotLent = false;
        return worker;
    }

    private void Search(WorkerThread worker)
    {
        lock (_gate)
        {
            worker.IsSearching = true;
            Interlocked.Increment(ref _searching);
        }
    }

    /// <summary>Parks a worker that found nothing. False: work arrived meanwhile and it must look again.</summary>
    private bool TryGiveUpSlot(WorkerThread worker)
    {
        lock (_gate)
        {
            StopSearchingUnderGate(worker);
            if (worker.IsLeftBehind)
            {
                ParkUnderGate(worker);
                return true;
            }

            Activate(-1);

            // SYNC: work against slots. Search and slot are given up, then the inbox is read.
            Interlocked.MemoryBarrier();
            if (HasWork || _returning.Count > 0)
            {
                Activate(+1);
                worker.IsSearching = true;
                Interlocked.Increment(ref _searching);
                return false;
            }

            ParkUnderGate(worker);
            return true;
        }
    }

    private void ParkUnderGate(WorkerThread worker)
    {
        StopSearchingUnderGate(worker);
        worker.IdleSince = Time.GetTimestamp();
        if (_isStopping || worker.IsLeftBehind)
        {
            worker.MustEnd = true;
            worker.Call();
            return;
        }

        _parked.Add(worker);
        if (_parked.Count == 1) ArmIdleTimerUnderGate();
    }

    /// <summary>False when the worker is to end.</summary>
    private bool ParkUntilCalled(WorkerThread worker)
    {
        worker.Runner!.TimePassed();
        worker.AwaitCall();
        lock (_gate) return !worker.MustEnd;
    }

    private void StopSearchingUnderGate(WorkerThread worker)
    {
        if (!worker.IsSearching) return;
        worker.IsSearching = false;
        Interlocked.Decrement(ref _searching);
    }

    private void Activate(int change) => Volatile.Write(ref _active, _active + change);

    private bool TryInitialize(WorkerThread worker)
    {
        if (_options.Initializer is not { } initialize) return true;
        try
        {
            initialize();
            lock (_gate)
            {
                worker.IsInitializing = false;
                if (!worker.IsLeftBehind) return true;
            }

            Ended(worker);
            return false;
        }
        catch (Exception error)
        {
            // The executor's user learns of it through every future that this fails, and through Submit from now on.
            lock (_gate)
            {
                _broken ??= () => new WorkerInitializationException(Name, worker.Name, error);
                StopSearchingUnderGate(worker);
                if (!worker.IsLeftBehind) Activate(-1);
            }

            FailQueued();
            Ended(worker);
            return false;
        }
    }

    private void Ended(WorkerThread worker)
    {
        bool last;
        lock (_gate)
        {
            _workers.Remove(worker);
            last = IsStoppedUnderGate();
        }

        if (last) _stopped.TrySetResult();
    }

    private void ArmIdleTimerUnderGate()
    {
        if (_options.IdleTimeout == Timeout.InfiniteTimeSpan) return;
        _idleTimer ??= Time.CreateTimer(
            static host => ((ThreadHost)host!).EndIdleWorkers(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _idleTimer.Change(_options.IdleTimeout, Timeout.InfiniteTimeSpan);
    }

    private void EndIdleWorkers()
    {
        List<WorkerThread> ended = [];
        lock (_gate)
        {
            if (_isStopping) return;
            long now = Time.GetTimestamp();
            while (_parked.Count > 0 && Time.GetElapsedTime(_parked[0].IdleSince, now) >= _options.IdleTimeout)
            {
                _parked[0].MustEnd = true;
                ended.Add(_parked[0]);
                _parked.RemoveAt(0);
            }

            if (_parked.Count > 0)
            {
                var left = _options.IdleTimeout - Time.GetElapsedTime(_parked[0].IdleSince, now);
                _idleTimer!.Change(left, Timeout.InfiniteTimeSpan);
            }
        }

        foreach (var worker in ended) worker.Call();
    }
}
