using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Samovar.Primitives;
using Samovar.Processes.Launch;
using Samovar.Processes.Recorder;

namespace Samovar.Processes.Parent;

/// <summary>Keeps as many workers as the tasks need: launches them, retires them, and reaps them when they have exited.</summary>
/// <remarks>
/// <para>Lock rule: the gate guards every field that changes, and the state of each worker (<see cref="WorkerHandle.State"/>), which only this
/// class changes. <see cref="_handles"/> and <see cref="_workers"/> are also read without the gate, <see cref="_started"/> is changed by
/// Interlocked, and members marked "drain" belong to the draining thread. A member whose name ends in "Locked" is called under the gate, and a
/// method marked "Drain" by the draining thread, which holds the turn; the others enter the gate themselves.</para>
/// <para>Processes are started and killed, and futures are completed, after the gate is left. Under the gate this class calls
/// <see cref="Dispatcher"/>, <see cref="StartBreaker"/>, <see cref="ControlSender"/> and <see cref="ResultPump.Wake"/>; the dispatcher and the pump
/// call it under the gate.</para>
/// <para>A worker is in one place at a time: it is counted in <see cref="_starting"/> until it can work, then it is a spare, then it receives tasks
/// from the dispatcher after it is promoted, and it is in none of the three after it retires.</para>
/// </remarks>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed partial class WorkerSupervisor
{
    private readonly ProcessPool _pool;
    private readonly Lock _gate;
    private readonly ProcessExecutorOptions _options;
    private readonly WorkerStartOptions _startOptions;
    private readonly SetupMessage _setup;
    private readonly RecordingFiles? _recordings;
    private readonly OutputCapture _output;
    private readonly LineDelivery _delivery;
    private readonly StartBreaker _breaker;
    private readonly Dispatcher _dispatcher;
    private readonly ControlSender _control;
    private readonly List<WorkerHandle> _spares = [];
    private readonly FullStart _fullStart;
    private readonly IdleWatch _idleWatch;
    private ResultPump _pump = null!; // set by Connect, before the first task
    private WorkerLauncher? _launcher; // null if workers are threads of this process
    private WorkerHandle[] _handles = []; // replaced under the gate
    private int _workers; // how many tasks may run at the same time
    private int _starting; // workers that cannot work yet
    private int _launching; // of those, the ones that are not in _handles yet
    private int _started; // Interlocked: how many workers were launched in total
    private bool _isEnding;
    private bool _hasLeftBehind; // drain: an abandoned thread of a worker may still use the bell

    public WorkerSupervisor(
        ProcessPool pool, Lock gate, ProcessExecutorOptions options, WorkerStartOptions start, SetupMessage setup, RecordingFiles? recordings,
        OutputCapture output, LineDelivery delivery, StartBreaker breaker, Dispatcher dispatcher, ControlSender control)
    {
        _pool = pool;
        _gate = gate;
        _options = options;
        _startOptions = start;
        _setup = setup;
        _recordings = recordings;
        _output = output;
        _delivery = delivery;
        _breaker = breaker;
        _dispatcher = dispatcher;
        _control = control;
        _fullStart = new FullStart(pool.Name);
        _idleWatch = new IdleWatch(pool.Time, options.IdleTimeout, RetireIdleWorkers);
        _workers = options.Workers;
    }

    /// <summary>How many tasks may run at the same time.</summary>
    public int Workers
    {
        get => Volatile.Read(ref _workers);
        set
        {
            int launches;
            lock (_gate)
            {
                Volatile.Write(ref _workers, value);
                while (_dispatcher.ReadyCountLocked > value) RetireLocked(_dispatcher.SurplusWorkerLocked());
                PromoteSparesLocked();
                launches = PlanLaunchesLocked();
                CheckInvariants();
            }

            if (launches > 0) Launch(launches);
            _pump.Wake();
        }
    }

    /// <summary>The workers whose channels are mapped. The channels stay mapped while the caller holds the gate or the turn.</summary>
    public WorkerHandle[] Handles => Volatile.Read(ref _handles);

    /// <summary>Whether any worker was ever launched.</summary>
    public bool HasStarted => Volatile.Read(ref _started) != 0;

    /// <summary>Whether the workers are requested to exit because all tasks have completed.</summary>
    public bool IsEndingLocked => _isEnding;

    /// <summary>Drain: whether an abandoned thread of a worker may still use the bell.</summary>
    public bool HasLeftBehind => _hasLeftBehind;

    public void Connect(ResultPump pump) => _pump = pump;

    /// <summary>Returns how many workers are in each state, and how many tasks they have without a result.</summary>
    public WorkerCounts CountLocked() => WorkerCounts.OfLocked(_handles, _launching);

    /// <summary>Returns a snapshot of the workers and of the tasks that each was sent.</summary>
    public List<(WorkerIdentity Worker, WorkerPhase State, List<SerializedTask> Sent)> CaptureWorkers()
    {
        lock (_gate) return [.. _handles.Select(static worker => (worker.Identity, worker.State, worker.InFlight()))];
    }

    /// <summary>Returns the tasks that workers have and that have no result.</summary>
    public List<Future> InFlightTasks()
    {
        lock (_gate) return [.. _handles.SelectMany(static worker => worker.InFlight()).Select(static task => task.Future)];
    }

    /// <summary>Retires a worker: it receives no more tasks, its unstarted tasks go to other workers, and it exits after its running
    /// task.</summary>
    public void RetireLocked(WorkerHandle worker)
    {
        if (worker.State >= WorkerPhase.Retiring) return;
        worker.State = WorkerPhase.Retiring;
        RemoveLocked(worker);
        PromoteSparesLocked();
        _pump.Wake();
    }

    /// <summary>Records that a worker has become idle.</summary>
    public void NoteIdleLocked(WorkerHandle worker)
    {
        worker.IdleSince = _pool.Time.GetTimestamp();
        if (worker.State == WorkerPhase.Retiring) _pump.Wake();
        if (!_isEnding) _idleWatch.NoteIdleLocked();
    }

    /// <summary>Begins the end of all workers, because all tasks have completed.</summary>
    public void BeginEndLocked()
    {
        _isEnding = true;
        _fullStart.FailAtShutdownLocked();
        _idleWatch.StopLocked();
        _breaker.ForgetFailuresLocked();
    }

    /// <summary>Drain: if the executor is shutting down, requests each worker to exit.</summary>
    /// <returns>True if the executor is shutting down and all workers are gone; otherwise, false.</returns>
    public bool TryEndWorkers()
    {
        lock (_gate)
        {
            if (!_isEnding) return false;
            foreach (var worker in _handles)
            {
                if (worker.State == WorkerPhase.Starting || (_pool.IsKilling && worker.State < WorkerPhase.Gone))
                    worker.TryRequestKill($"'{_pool.Name}' is shut down");
                else if (worker.State < WorkerPhase.Retiring) RetireLocked(worker);
            }

            return _handles.Length == 0 && _launching == 0;
        }
    }

    /// <summary>Kills every worker that has tasks.</summary>
    public void KillBusyWorkers(string reason)
    {
        WorkerHandle[] busy;
        lock (_gate) busy = [.. _handles.Where(static worker => worker.Out > 0)];
        foreach (var worker in busy)
        {
            worker.TryRequestKill(reason);
            worker.Process.Kill();
        }
    }

    /// <summary>Kills all workers and fails their tasks, because of an internal error. No worker receives tasks any more.</summary>
    public void AbandonWorkers(Func<Exception> error)
    {
        WorkerHandle[] handles;
        lock (_gate)
        {
            // Tasks that are submitted or retried from here on are queued, and fail in the queue.
            _dispatcher.RemoveAllWorkersLocked();
            _spares.Clear();
            handles = _handles;
        }

        foreach (var worker in handles)
        {
            worker.Process.Kill();
            foreach (var task in worker.InFlight())
            {
                if (_options.InProcess) task.LeaveBody();
                if (task.Future.TryTakeBack()) task.Future.EndUnstarted(FutureState.Failed, error());
                else task.Future.EndWithError(task.Attempt, error());
            }
        }
    }

    /// <summary>Breaks the executor: all queued tasks fail, and submitting throws. Running tasks may complete.</summary>
    public void Break(Func<Exception> error)
    {
        _breaker.Break(error);
        var failure = error(); // outside the gate: the constructor reads properties that may be code of the program
        lock (_gate) _fullStart.FailLocked(failure);
        _dispatcher.FailQueued();
    }

    /// <summary>Removes a worker from those that receive tasks, and from the spares.</summary>
    private void RemoveLocked(WorkerHandle worker)
    {
        if (_dispatcher.RemoveWorkerLocked(worker)) _breaker.EndPauseUnlessOpenLocked();
        _spares.Remove(worker);
    }

    private void RetireIdleWorkers()
    {
        lock (_gate)
        {
            if (_isEnding) return;
            foreach (var worker in _idleWatch.DueLocked(_dispatcher.ReadyWorkersLocked(), isPaused: _fullStart.IsRequestedLocked)) RetireLocked(worker);
            CheckInvariants();
        }
    }

    [Conditional("DEBUG")]
    private void CheckInvariants()
    {
        Debug.Assert(_gate.IsHeldByCurrentThread, "the gate guards the workers");
        Debug.Assert(_launching >= 0 && _starting >= _launching, "launched workers are among the starting ones");
        Debug.Assert(_dispatcher.ReadyCountLocked <= _workers, "no more workers receive tasks than may run at the same time");
        Debug.Assert(_spares.TrueForAll(static worker => worker.State == WorkerPhase.Spare), "every spare is in the state Spare");
        Debug.Assert(Array.TrueForAll(_handles, static worker => worker.State != WorkerPhase.Gone), "a worker that is gone is not listed");
        if (_isEnding) return; // workers that have not started retire too, and stay counted
        int notReady = _launching + _handles.Count(static worker => worker.State <= WorkerPhase.Initializing);
        Debug.Assert(_starting == notReady, "a starting worker is launched, or listed and not able to work yet");
    }
}
