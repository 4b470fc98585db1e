using System.Runtime.CompilerServices;

namespace Samovar;

/// <content>Workers: called when there is work and a slot, parked when there is none, ended when idle for long.</content>
internal sealed partial class ThreadHost
{
    private ITimer? _idleTimer;

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
    private void StartWorkerUnderGate()
    {
        var worker = new WorkerThread(this, ++_started, _options) { IsInitializing = _options.Initializer is not null };
        GiveUnderGate(worker);

        // One that has to initialize first is not searching: it may take long, and must not keep others from being called.
        if (!worker.IsInitializing) SearchUnderGate(worker);
        try
        {
            worker.Start();
            _workers.Add(worker);
        }
        catch (OutOfMemoryException error)
        {
            ReleaseUnderGate(worker);

            // No thread to be had. Living workers will come to the task in time, and nothing is lost but speed; without any,
            // waiting work would wait for ever.
            if (_workers.Count == 0) _broken = () => new WorkerInitializationException(Name, worker.Name, error);
        }
    }

    /// <summary>Blocks until there is a task for this worker; null when it is to end.</summary>
    private Future? AwaitTask(WorkerThread worker)
    {
        var spin = new ThreadSpin();
        while (true)
        {
            if (HasWork || Volatile.Read(ref _returningCount) > 0 || !worker.HoldsSlot)
            {
                if (TryTake(worker, out var task)) return task;
                if (!worker.HoldsSlot)
                {
                    if (!ParkUntilCalled(worker)) return null;
                    spin = new ThreadSpin();
                    continue;
                }
            }

            if (!worker.IsSearching)
            {
                worker.Runner!.TimePassed();
                lock (_gate)
                {
                    if (!worker.HoldsSlot) continue;
                    SearchUnderGate(worker);
                }
            }

            if (spin.TrySpin()) continue;
            if (!TryGiveUpSlot(worker)) continue;
            if (!ParkUntilCalled(worker)) return null;
            spin = new ThreadSpin();
        }
    }

    /// <summary>Takes a task. False: there was none, or the worker has no slot any more and is parked.</summary>
    private bool TryTake(WorkerThread worker, out Future? task)
    {
        WorkerThread? called = null;
        lock (_gate)
        {
            task = null;
            if (KeepsSlotUnderGate(worker))
            {
                task = TakeUnderGate();
                if (task is not null)
                {
                    worker.Taken = task;
                    StopSearchingUnderGate(worker);
                    called = NextToCallUnderGate();
                }
            }
            else
            {
                ParkUnderGate(worker);
                called = NextToCallUnderGate();
            }
        }

        called?.Call();
        if (task is not null) _room?.GiveBack();
        return task is not null;
    }

    /// <summary>Whether this worker may take a task. Its slot may have been taken while it was blocked; there may be one too
    /// many; and who lent a slot goes first.</summary>
    private bool KeepsSlotUnderGate(WorkerThread worker)
    {
        bool isWanted = !worker.IsLeftBehind && _returning.Count == 0
            && (worker.HoldsSlot ? _active <= _slots : _active < _slots);
        if (isWanted) GiveUnderGate(worker);
        else ReleaseUnderGate(worker);
        return isWanted;
    }

    /// <summary>Parks a worker that found nothing. False: work arrived meanwhile and it must look again.</summary>
    private bool TryGiveUpSlot(WorkerThread worker)
    {
        lock (_gate)
        {
            ReleaseUnderGate(worker);

            // SYNC: work against slots. Search and slot are given up, then the inbox is read.
            Interlocked.MemoryBarrier();
            if (!worker.IsLeftBehind && _active < _slots && (HasWork || _returning.Count > 0))
            {
                GiveUnderGate(worker);
                SearchUnderGate(worker);
                return false;
            }

            ParkUnderGate(worker);
            return true;
        }
    }

    private void ParkUnderGate(WorkerThread worker)
    {
        ReleaseUnderGate(worker);
        if (_isStopping || worker.IsLeftBehind)
        {
            worker.MustEnd = true;
            worker.Call();
            return;
        }

        worker.IdleSince = Time.GetTimestamp();
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
                ReleaseUnderGate(worker);
            }

            FailQueued();
            CallWorkers();
            return false;
        }
    }

    private void Ended(WorkerThread worker)
    {
        bool last;
        lock (_gate)
        {
            ReleaseUnderGate(worker);
            _workers.Remove(worker);
            last = IsStoppedUnderGate();
        }

        if (last) _stopped.TrySetResult();
    }

    private void ArmIdleTimerUnderGate()
    {
        if (_options.IdleTimeout == Timeout.InfiniteTimeSpan) return;
        _idleTimer ??= Time.CreateUnflowedTimer(static host => ((ThreadHost)host!).EndIdleWorkers(), this);
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
                _idleTimer!.Change(Durations.ToNextCall(left), Timeout.InfiniteTimeSpan);
            }
        }

        foreach (var worker in ended) worker.Call();
    }
}
