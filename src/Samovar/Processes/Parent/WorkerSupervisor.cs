using System.Diagnostics;
using Samovar.Primitives;
using Samovar.Processes.Launch;

namespace Samovar.Processes.Parent;

/// <summary>Keeps as many workers as the tasks need: it launches them, retires them, and reaps them when they have exited.</summary>
/// <remarks>
/// <para>Lock rule: the gate guards every field that changes, and the state of each worker (<see cref="WorkerLink.State"/>), which only this class
/// changes. <see cref="_links"/> and <see cref="_workers"/> are also read without the gate, <see cref="_started"/> changes by Interlocked, and what
/// is marked "drain" is the draining thread's. A member whose name ends in "Locked" is called under the gate, and a method that says "Drain" by the
/// draining thread, which holds the turn; the others enter the gate themselves.</para>
/// <para>Processes are started and killed, and futures are completed, after the gate is left. Under the gate this calls <see cref="Dispatcher"/>,
/// <see cref="StartBreaker"/>, <see cref="ControlSender"/> and <see cref="ResultPump.Wake"/>; the dispatcher and the pump call it under the
/// gate.</para>
/// <para>A worker is in one place at a time: it is counted in <see cref="_starting"/> until it can work, it is a spare after that, it gets tasks
/// from the dispatcher when it is promoted, and it is in none of the three from when it retires.</para>
/// </remarks>
internal sealed partial class WorkerSupervisor
{
    private readonly ProcessPool _pool;
    private readonly Lock _gate;
    private readonly ProcessExecutorOptions _options;
    private readonly WorkerStart _start;
    private readonly SetupMessage _setup;
    private readonly OutputCapture _output;
    private readonly LineDelivery _delivery;
    private readonly StartBreaker _breaker;
    private readonly Dispatcher _dispatcher;
    private readonly ControlSender _control;
    private readonly List<WorkerLink> _spares = [];
    private ResultPump _pump = null!; // set by Connect, before the first task
    private WorkerLauncher? _launcher; // null where workers are threads of this process
    private WorkerLink[] _links = []; // replaced under the gate
    private ITimer? _idleTimer;
    private int _workers; // how many tasks may run at the same time
    private int _starting; // workers that are not yet able to work
    private int _launching; // of those, the ones that are not yet in _links
    private int _started; // Interlocked: how many were ever launched
    private bool _isEnding;
    private bool _hasLeftBehind; // drain: a thread that stood for a worker may still use the bell

    public WorkerSupervisor(
        ProcessPool pool, Lock gate, ProcessExecutorOptions options, WorkerStart start, SetupMessage setup, OutputCapture output, LineDelivery delivery,
        StartBreaker breaker, Dispatcher dispatcher, ControlSender control)
    {
        _pool = pool;
        _gate = gate;
        _options = options;
        _start = start;
        _setup = setup;
        _output = output;
        _delivery = delivery;
        _breaker = breaker;
        _dispatcher = dispatcher;
        _control = control;
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

    /// <summary>The workers whose channels are mapped. Under the gate, or with the turn, they stay so.</summary>
    public WorkerLink[] Links => Volatile.Read(ref _links);

    /// <summary>Whether a worker was ever launched.</summary>
    public bool HasStarted => Volatile.Read(ref _started) != 0;

    /// <summary>Whether the workers are to exit, as all tasks have ended.</summary>
    public bool IsEndingLocked => _isEnding;

    /// <summary>Drain: whether a thread that stood for a worker may still use the bell.</summary>
    public bool HasLeftBehind => _hasLeftBehind;

    public void Connect(ResultPump pump) => _pump = pump;

    /// <summary>How many workers there are, how many of them have nothing to do, and how many have tasks.</summary>
    public (int Live, int Idle, int Running) CountLocked()
    {
        int running = 0;
        int idle = 0;
        foreach (var link in _links)
        {
            if (link.Out > 0) running++;
            else if (link.State is WorkerLinkState.Ready or WorkerLinkState.Spare) idle++;
        }

        return (_links.Length, idle, running);
    }

    /// <summary>The workers and what each was sent, as they are now.</summary>
    public List<(WorkerIdentity Worker, WorkerLinkState State, List<Shipment> Sent)> CaptureWorkers()
    {
        lock (_gate) return [.. _links.Select(static link => (link.Identity, link.State, link.Unanswered()))];
    }

    /// <summary>The tasks that workers have and that have no result.</summary>
    public List<Future> UnansweredTasks()
    {
        lock (_gate) return [.. _links.SelectMany(static link => link.Unanswered()).Select(static shipment => shipment.Future)];
    }

    /// <summary>The worker gets no more tasks; what it has not begun goes to others, and it exits after what it runs.</summary>
    public void RetireLocked(WorkerLink link)
    {
        if (link.State >= WorkerLinkState.Retiring) return;
        link.State = WorkerLinkState.Retiring;
        RemoveLocked(link);
        PromoteSparesLocked();
        _pump.Wake();
    }

    /// <summary>Notes that a worker has nothing to do any more.</summary>
    public void NoteIdleLocked(WorkerLink link)
    {
        link.IdleSince = _pool.Time.GetTimestamp();
        if (link.State == WorkerLinkState.Retiring) _pump.Wake();
        if (_options.IdleTimeout == Timeout.InfiniteTimeSpan || _isEnding) return;
        if (_idleTimer is null) StartIdleTimerLocked(_options.IdleTimeout);
    }

    /// <summary>All tasks have ended, and so do the workers.</summary>
    public void BeginEndLocked()
    {
        _isEnding = true;
        _idleTimer?.Dispose();
        _breaker.ForgetFailuresLocked();
    }

    /// <summary>Drain: once the executor ends, has each worker exit.</summary>
    /// <returns>True when the executor ends and all workers have gone.</returns>
    public bool TryEndWorkers()
    {
        lock (_gate)
        {
            if (!_isEnding) return false;
            foreach (var link in _links)
            {
                if (link.State == WorkerLinkState.Starting || (_pool.IsKilling && link.State < WorkerLinkState.Gone))
                    link.TryCondemn($"'{_pool.Name}' is shut down");
                else if (link.State < WorkerLinkState.Retiring) RetireLocked(link);
            }

            return _links.Length == 0 && _launching == 0;
        }
    }

    /// <summary>Kills every worker that has tasks.</summary>
    public void KillBusyWorkers(string reason)
    {
        WorkerLink[] busy;
        lock (_gate) busy = [.. _links.Where(static link => link.Out > 0)];
        foreach (var link in busy)
        {
            link.TryCondemn(reason);
            link.Process.Kill();
        }
    }

    /// <summary>The executor has failed inside: kills all workers, and fails what they have. No worker gets tasks any more.</summary>
    public void AbandonWorkers(Func<Exception> error)
    {
        WorkerLink[] links;
        lock (_gate)
        {
            // What is submitted or tried again from here on is queued, and fails there.
            _dispatcher.RemoveAllWorkersLocked();
            _spares.Clear();
            links = _links;
        }

        foreach (var link in links)
        {
            link.Process.Kill();
            foreach (var shipment in link.Unanswered())
            {
                if (_options.InProcess) shipment.LeaveBody();
                if (shipment.Future.TryTakeBack()) shipment.Future.FailUnstarted(error());
                else shipment.Future.EndWithError(shipment.Attempt, error());
            }
        }
    }

    /// <summary>Ends the executor's usefulness: everything queued fails, and so does submitting. What runs may end.</summary>
    public void Break(Func<Exception> error)
    {
        _breaker.Break(error);
        _dispatcher.FailQueued();
    }

    /// <summary>Takes a worker out of those that get tasks, and out of those that stand by.</summary>
    private void RemoveLocked(WorkerLink link)
    {
        if (_dispatcher.RemoveWorkerLocked(link)) _breaker.EndPauseUnlessOpenLocked();
        _spares.Remove(link);
    }

    private void StartIdleTimerLocked(TimeSpan time)
    {
        _idleTimer = _pool.Time.CreateUnflowedTimer(static supervisor => ((WorkerSupervisor)supervisor!).RetireIdleWorkers(), this);
        _idleTimer.Change(time, Timeout.InfiniteTimeSpan);
    }

    private void RetireIdleWorkers()
    {
        lock (_gate)
        {
            if (_isEnding) return;
            _idleTimer?.Dispose();
            _idleTimer = null;
            long now = _pool.Time.GetTimestamp();
            var next = Timeout.InfiniteTimeSpan;
            foreach (var link in _dispatcher.ReadyWorkersLocked())
            {
                if (link.Out > 0) continue;
                var left = _options.IdleTimeout - _pool.Time.GetElapsedTime(link.IdleSince, now);
                if (left <= TimeSpan.Zero) RetireLocked(link);
                else if (next == Timeout.InfiniteTimeSpan || left < next) next = left;
            }

            // Those that are busy now start the timer when they have nothing to do.
            if (next != Timeout.InfiniteTimeSpan) StartIdleTimerLocked(Durations.ToNextCall(next));
            CheckInvariants();
        }
    }

    [Conditional("DEBUG")]
    private void CheckInvariants()
    {
        Debug.Assert(_gate.IsHeldByCurrentThread, "the gate guards the workers");
        Debug.Assert(_launching >= 0 && _starting >= _launching, "what is launched is among what starts");
        Debug.Assert(_dispatcher.ReadyCountLocked <= _workers, "as many workers get tasks as may run at the same time");
        Debug.Assert(_spares.TrueForAll(static link => link.State == WorkerLinkState.Spare), "what stands by is a spare");
        Debug.Assert(Array.TrueForAll(_links, static link => link.State != WorkerLinkState.Gone), "a worker that has gone is not listed");
        if (_isEnding) return; // workers that have not come up retire too, and stay counted
        int notReady = _launching + _links.Count(static link => link.State <= WorkerLinkState.Initializing);
        Debug.Assert(_starting == notReady, "what starts is launched, or listed and not yet able to work");
    }
}
