using Samovar.Ipc.Channel;
using Samovar.Processes.Launch;
using Samovar.Processes.Protocol;

namespace Samovar.Processes.Parent;

/// <content>How workers are launched, set up and added to the dispatcher.</content>
internal sealed partial class WorkerSupervisor
{
    /// <summary>Returns how many workers to start now; the caller must <see cref="Launch"/> them after it has left the gate.</summary>
    public int PlanLaunchesLocked()
    {
        if (_isEnding || !_breaker.AllowsStartsLocked) return 0;
        int ready = _dispatcher.ReadyCountLocked;
        int wanted = _fullStart.IsRequestedLocked ? _workers : Math.Min(_workers, ready + _dispatcher.QueuedLocked);
        if (wanted > 0) wanted += _options.SpareWorkers;
        if (_breaker.LastErrorLocked is not null) wanted = Math.Min(wanted, ready + _spares.Count + 1); // one at a time, to test whether starts succeed again
        int launches = Math.Max(0, wanted - ready - _spares.Count - _starting);
        _starting += launches;
        _launching += launches;
        return launches;
    }

    /// <summary>Starts workers that <see cref="PlanLaunchesLocked"/> planned.</summary>
    public void Launch(int count)
    {
        ParentBell bell;
        try
        {
            bell = _pump.EnsureRunning();
            if (!_options.InProcess)
            {
                lock (_gate) _launcher ??= new WorkerLauncher(bell, runtimeConfiguration: _options.RuntimeConfiguration, program: _options.Program);
            }
        }
        catch (Exception error)
        {
            lock (_gate)
            {
                _starting -= count;
                _launching -= count;
            }

            FailStart(error);
            return;
        }

        for (int i = 0; i < count; i++)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                // Of a Tuple, a class: code for a structure would be compiled while the first worker starts.
                static launch => _ = launch.Item1.LaunchOneAsync(launch.Item2), Tuple.Create(this, bell), preferLocal: false);
        }
    }

    /// <summary>Starts workers to replace those that are gone, if there is work for them.</summary>
    public void Replace()
    {
        int launches;
        lock (_gate) launches = PlanLaunchesLocked();
        if (launches > 0) Launch(launches);
    }

    /// <summary>Drain: called when a worker has reported that it is ready: sends it the messages that come before its first task.</summary>
    public void SetUp(WorkerHandle worker)
    {
        byte[] setup = _setup.RecordFor(worker);
        worker.Life?.Started();
        var wakeups = default(PendingWakeups);
        lock (_gate)
        {
            // After this call nothing may throw: a bell that is announced and not rung prevents its worker from being reaped.
            _control.SendSetupLocked(worker, setup, _setup.DefinitionsNeeded, ref wakeups);
            if (_setup.HasInitializer) worker.State = WorkerPhase.Initializing;
            else MakeUsableLocked(worker, ref wakeups);
            CheckInvariants();
        }

        wakeups.Ring();
        Replace();
        _recordings?.SweepOnce();
    }

    /// <summary>Drain: called when the initializer of a worker has returned or thrown.</summary>
    public void NoteInitialized(WorkerHandle worker, Exception? error)
    {
        OutputCapture.PassOn(worker);
        if (error is not null)
        {
            Break(_pool.LossOfActor(error) ?? (() => new WorkerInitializationException(_pool.Name, worker.Identity.Name, error)));
            lock (_gate)
            {
                _starting--;
                RetireLocked(worker);
                CheckInvariants();
            }

            return;
        }

        var wakeups = default(PendingWakeups);
        lock (_gate)
        {
            MakeUsableLocked(worker, ref wakeups);
            CheckInvariants();
        }

        wakeups.Ring();
        Replace();
    }

    private async Task LaunchOneAsync(ParentBell bell)
    {
        int number = Interlocked.Increment(ref _started);
        string name = $"{_pool.Name} #{number}";
        var life = _pool.WorkerLives.Launch(name);
        try
        {
            var lines = new WorkerOutputReader(
                _options, number, name, _output.ReadsPipes, _delivery, error => _pool.Report(FailureSource.OutputHandler, 0, null, error));
            var start = _startOptions with { Output = lines.Receive, Backlog = lines.Backlog };
            var setup = _launcher is null
                ? LocalWorker.Start(ProcessExecutorOptions.LocalBody(_pool), bell, start, name)
                : await _launcher.LaunchAsync(start).ConfigureAwait(false);
            lines.ProcessId = setup.Process.Id;
            var worker = new WorkerHandle(number, name, setup)
            {
                Lines = lines,
                Life = life,
                Memory = _options.InProcess ? null : MemoryGuard.Of(_options.HardMemoryLimit),
                Recording = _recordings?.Invite(number),
            };
            lock (_gate)
            {
                _launching--;
                Volatile.Write(ref _handles, [.. _handles, worker]);
                CheckInvariants();
            }
        }
        catch (Exception error)
        {
            // No caller awaits this method: the breaker counts the error, and futures may fail with it.
            life.Exited();
            lock (_gate)
            {
                _starting--;
                _launching--;
            }

            FailStart(error);
        }

        _pump.Wake();
    }

    /// <summary>Records that a worker failed to start. Runs on the draining thread, or on the thread that should have started the worker.</summary>
    private void FailStart(Exception error)
    {
        lock (_gate)
        {
            bool hasWorkers = _dispatcher.ReadyCountLocked + _spares.Count + _starting > 0;
            bool beginsPause = _breaker.NoteFailureLocked(error, _isEnding, hasWorkers);
            if (_breaker.OverdueErrorLocked is { } overdue) _fullStart.FailLocked(overdue);
            if (!beginsPause) return;
        }

        _dispatcher.FailQueued();
    }

    /// <summary>Starts workers until as many are ready as may run tasks at the same time.</summary>
    public Task StartAllAsync()
    {
        Task ready;
        int launches;
        lock (_gate)
        {
            ready = _fullStart.RequestLocked();
            _fullStart.NoteReadyLocked(_dispatcher.ReadyCountLocked, _workers);
            if (_isEnding) _fullStart.FailAtShutdownLocked();
            launches = PlanLaunchesLocked();
        }

        if (launches > 0) Launch(launches);
        if (_breaker.BreakingError is { } error)
        {
            lock (_gate) _fullStart.FailLocked(error);
        }

        return ready;
    }

    /// <summary>Leaves a wait that <see cref="StartAllAsync"/> has returned.</summary>
    public void LeaveStart(Task ready)
    {
        lock (_gate) _fullStart.LeaveLocked(ready);
    }

    private void MakeUsableLocked(WorkerHandle worker, ref PendingWakeups wakeups)
    {
        _starting--;
        _breaker.ForgetFailuresLocked();
        worker.State = WorkerPhase.Spare;
        _spares.Add(worker);
        PromoteSparesLocked();
        if (worker.State == WorkerPhase.Ready) _dispatcher.SendQueuedLocked(worker, ref wakeups);
        if (worker.Out > 0 || _isEnding) return;
        _control.SendMissingDefinitionsLocked(worker, ref wakeups);
        _control.TryWriteLocked(worker, RecordTag.WarmUp, _setup.WarmUp.Record, ref wakeups);
    }

    /// <summary>Moves spares to the dispatcher until as many workers receive tasks as may run at the same time.</summary>
    private void PromoteSparesLocked()
    {
        while (_dispatcher.ReadyCountLocked < _workers && _spares.Count > 0)
        {
            var worker = _spares[0];
            _spares.RemoveAt(0);
            worker.State = WorkerPhase.Ready;
            _dispatcher.AddWorkerLocked(worker);
            NoteIdleLocked(worker);
        }

        _fullStart.NoteReadyLocked(_dispatcher.ReadyCountLocked, _workers);
    }
}
