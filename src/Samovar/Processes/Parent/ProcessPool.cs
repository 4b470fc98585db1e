using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Samovar.Diagnostics.Inspection;
using Samovar.Diagnostics.Metering;
using Samovar.Executors.Actors;
using Samovar.Ipc.Platform;
using Samovar.Primitives;
using Samovar.Processes.Launch;
using Samovar.Processes.Platform;
using Samovar.Processes.Protocol;
using Samovar.Processes.Recorder;
using Samovar.Serialization;
using Samovar.Serialization.Platform;
using Samovar.Tasks.Core;
using Samovar.Tasks.Running;

namespace Samovar.Processes.Parent;

/// <summary>The core of a <see cref="ProcessExecutor"/>: it admits tasks, reports on them and shuts down, and it creates the classes that do the
/// rest.</summary>
/// <remarks>
/// <para>A task passes through three of them: <see cref="TaskSerializer"/> serializes its work, <see cref="Dispatcher"/> queues it and writes it
/// into the ring of a worker, <see cref="ResultPump"/> reads its result and completes its future. <see cref="WorkerSupervisor"/> starts, retires
/// and reaps the workers; <see cref="StartBreaker"/> delays new starts after failed ones, and <see cref="WorkerWatchdog"/> kills workers.
/// <see cref="ControlSender"/> sends workers everything that is not a task, and <see cref="CallerDrain"/> lets a caller that blocks read results
/// itself.</para>
/// <para>Rules for all of them:</para>
/// <list type="number">
/// <item>Work is serialized on the submitter's thread, before any other thread sees the task, under no lock.</item>
/// <item>There are two locks. The gate guards the queue, the state of the workers, their work rings and their slots: a method whose name ends in
/// "Locked", and a member marked "gate", needs it. The turn is the right to read results and to complete futures with them: a member marked "turn"
/// needs it. Members marked "drain" belong to the draining thread, which holds the turn while it serves workers.</item>
/// <item>The lock order is: the turn, then the gate, then locks that guard a single object and call nothing back (the bell, live ports, segments,
/// timers). No thread enters the turn while it holds the gate.</item>
/// <item>If no other task is queued, the submitting thread writes a task directly into the ring of a worker that has room. Otherwise the task is
/// queued; the event that makes room (a result, a death, a new worker) sends from the queue.</item>
/// <item>A task that was sent and has not started can be revoked by winning its slot: it is then cancelled, moved to an idle worker, or recovered
/// from a dead one. A task that has started belongs to its worker, and dies with it.</item>
/// <item>Nothing that a worker writes is trusted: slots, generations and lengths are checked, and a worker that writes invalid data is
/// killed.</item>
/// <item>The draining thread unmaps a channel, under the gate, when no thread rings its bell.</item>
/// <item>User code never runs under the gate.</item>
/// </list>
/// <para>This class guards no state itself: it enters the gate only to read or change several of the other classes at once.</para>
/// </remarks>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class ProcessPool : RemoteExecutorCore
{
    private readonly Lock _gate = new();
    private readonly QueueRoom? _room; // a place for each queued task, and for each task on its way to the queue
    private readonly ProcessExecutorOptions _options;
    private readonly WorkerStartOptions _start;
    private readonly bool _isInProcess;
    private readonly LineDelivery _delivery;
    private readonly SetupMessage _setup;
    private readonly StartBreaker _breaker;
    private readonly TaskSerializer _serializer;
    private readonly Dispatcher _dispatcher;
    private readonly WorkerSupervisor _supervisor;
    private readonly WorkerWatchdog _watchdog;
    private readonly ResultPump _pump;
    private readonly CallerDrain _callers;

    public ProcessPool(ProcessExecutorOptions options, string name)
        : base(name, options.TimeProvider, options.CancellationGrace, options.LoggerFactory)
    {
        WholeProgram.Require(); // first: a program compiled ahead of time would be advised to call RunIfWorker, which does not help it
        ProcessWorker.ThrowIfNotWorkerEntryPoint();
        if (!options.InProcess && options.RuntimeConfiguration is null) ProcessWorker.ThrowIfUnprepared();
        _options = options;
        _isInProcess = options.InProcess;
        Meter = CreateMeter(options.MeterFactory, "process");
        Resources = ResourceLedger.For(this, options.OwnResources);
        ExitResults = ExitResults.For(this, options.ExitHook, options.ExitTimeout);
        BatchDuration = TimeSpan.FromMilliseconds(1); // a round trip may wake three threads in two processes, which takes 0.1 ms of processor time if they are busy
        var kind = options.InProcess ? ChannelKind.Local : options.Channel;
        var platform = kind is { } forced ? ChannelPlatform.Create(forced) : ChannelPlatform.Current;
        if (options.QueueCapacity is { } capacity) _room = new QueueRoom(name, capacity, options.QueueFullMode);
        _start = options.StartAs ?? options.StartOfPool();
        _delivery = LineDelivery.For(options, name);
        var writer = new ShippingWriter(ShippingOptions.OfWork);
        var warmUp = PackedRecord.OfWarmUp(writer);
        var cultures = new SentCultures(writer);
        _setup = new SetupMessage(name, options, writer, cultures, warmUp);

        var turn = new Lock();
        var output = new OutputCapture(options, platform);
        var control = new ControlSender(_gate, writer);
        _breaker = new StartBreaker(this, _gate);
        _serializer = new TaskSerializer(this, platform, writer, cultures, output, control);
        _dispatcher = new Dispatcher(this, _gate, options, _room, writer, output, _breaker, control);
        _supervisor = new WorkerSupervisor(this, _gate, options, _start, _setup, RecordingFiles.For(options, platform), output, _delivery, _breaker, _dispatcher, control);
        _watchdog = new WorkerWatchdog(this, _gate, options, _dispatcher, _supervisor, control);
        _pump = new ResultPump(this, _gate, turn, platform, output, _dispatcher, _supervisor, _watchdog, control);
        _callers = new CallerDrain(_gate, turn, _dispatcher, _supervisor, _pump);
        control.Connect(_supervisor, _pump);
        _breaker.Connect(_supervisor);
        _dispatcher.Connect(_supervisor, _watchdog, _pump);
        _supervisor.Connect(_pump);
    }

    public override int Parallelism => _supervisor.Workers;

    /// <summary>How many tasks may run at the same time.</summary>
    public int Workers
    {
        get => _supervisor.Workers;
        set => _supervisor.Workers = value;
    }

    /// <summary>The actor whose only worker this pool runs; null if the pool runs no actor.</summary>
    public ActorLife? Actor => _options.Actor;

    /// <summary>How many submitters wait for room in the bounded queue.</summary>
    public int SubmittersWaiting => _room?.Waiting ?? 0;

    /// <summary>How many tasks a worker may have at once, according to the latest measurements.</summary>
    public int WindowSize => _dispatcher.WindowSize;

    /// <summary>Whether a submitter that waits for room would wait for itself: it decodes a result, or it runs as a task of this executor on a
    /// worker that is a thread of this process.</summary>
    private bool MakesRoomItself =>
        _pump.IsTurnHeldByCurrentThread || (_isInProcess && RunningTask.Current is { IsCompleted: false, Core: var pool } && ReferenceEquals(pool.Owner, this));

    public override long Admit(TaskOptions? options, bool regardless = false)
    {
        _breaker.ThrowIfRefusing();
        RefuseInitializers();
        if (_room is null || regardless) return base.Admit(options, regardless);

        if (MakesRoomItself) _room.TakeRegardless();
        else _room.Take(options?.CancellationToken ?? CancellationToken.None);
        try
        {
            return base.Admit(options, regardless);
        }
        catch
        {
            _room.GiveBack();
            throw;
        }
    }

    public override long AdmitAgain(TaskOptions options)
    {
        long id = base.AdmitAgain(options);
        _room?.TakeRegardless();
        return id;
    }

    public override void MapBegins() => RefuseInitializers();

    public override void CheckKeeps() => KeptResult.Check(_options, Name);

    public override KeptPlace PlaceOf(Future task) => _dispatcher.Kept.Keep(task);

    public override ExecutorSharedWork? Share(Delegate work, bool refersToIt) => _serializer.Share(work, refersToIt);

    public override void Enqueue(Future future)
    {
        bool wasInterrupted = false;
        try
        {
            if (!_dispatcher.TryEnqueue(future, ref wasInterrupted)) return;

            // SYNC: queued or ending. The task is queued, then the shutdown's mode is read.
            if (IsDiscarding) CancelIfUnstarted(future);
            if (IsKilling) future.Cancel();
        }
        finally
        {
            GateEntry.Reinterrupt(wasInterrupted);
        }
    }

    public override void ReturnPlace() => _room?.GiveBack();

    public override void Revoked(Future future) => _dispatcher.Remove(future);

    public override void NoteStart(Future future) => _dispatcher.NoteStart(future);

    public override void Recall(Future future) => _dispatcher.Recall(future);

    public override bool TryDrainOnCaller(Future future) => _callers.TryDrainOnCaller(future);

    public override bool HasEndedInTime(Future future) => _callers.HasEndedInTime(future);

    /// <summary>Returns the end of a task: its start plus the time that the worker reports, but not later than now, because the reported time is
    /// not trusted. A task that crashed ended when the crash was noticed.</summary>
    public override long EndOf(Future future, long now)
    {
        if (future.TaskState is not SerializedTask { Elapsed: > 0 } task) return now;
        double took = (double)task.Elapsed * Time.TimestampFrequency / Stopwatch.Frequency;
        long began = future.StartedTimestamp;
        return took < now - began ? began + (long)took : now;
    }

    public override void StopRequested(Future future, int attempt, StopReason reason) => _watchdog.StopTask(future, reason);

    public override void KillTask(Future future, string why) => _watchdog.KillTask(future, why);

    /// <summary>Does nothing: a killed worker leaves no running work behind.</summary>
    public override void LeftBehind(Future future, int attempt)
    {
        // Not counted: the attempt ended with its process.
    }

    /// <summary>Called when the worker of the actor has exited. Returns the error of calls if the actor gets no other instance; otherwise, null.</summary>
    public Func<Exception>? LossOfActor(WorkerHandle worker, ProcessExit exit)
    {
        if (Actor is not { IsCreated: true } actor || IsKilling) return null;
        lock (_gate)
        {
            if (_supervisor.IsEndingLocked || worker.State == WorkerPhase.Starting) return null;
        }

        bool isRestarted = actor.NoteDeath(worker.Number, WorkerCrashedException.Create(worker.Identity.Name, worker.Process, exit, worker.KillReason));
        return isRestarted ? null : actor.Lost;
    }

    /// <summary>Called when the initializer has thrown. Returns the error of calls if the actor was to be restarted; otherwise, null.</summary>
    public Func<Exception>? LossOfActor(Exception error)
    {
        if (Actor is not { IsCreated: true } actor) return null;
        actor.Lose(error);
        return actor.Lost;
    }

    /// <summary>Prepares a pool with one worker for an actor: like this one, except that its worker is not recycled, because the instance would be
    /// lost with it.</summary>
    public ProcessActorHost<T> HostActor<T>(ActorPlan<T> plan)
        where T : class
    {
        long key = RemoteActor<T>.NewKey();
        var options = _options with
        {
            Workers = 1,
            SpareWorkers = 0,
            QueueCapacity = plan.Options.QueueCapacity,
            QueueFullMode = plan.Options.QueueFullMode,
            Initializer = new RemoteActor<T>(key, plan.Name, Name, plan.Factory, _options.Initializer).Begin,
            MaxTasksPerWorker = null,
            MemoryLimitPerWorker = null,
            IdleTimeout = Timeout.InfiniteTimeSpan,
            ExitHook = null, // an actor has its own disposal, and no one could collect the result
            Actor = plan.Life,
            StartAs = _start,
        };
        return new ProcessActorHost<T>(plan, key, new ProcessPool(options, plan.FullName));
    }

    /// <summary>Starts workers until all of them are ready; see <see cref="ProcessExecutor.StartWorkersAsync"/>.</summary>
    public async Task StartWorkersAsync(CancellationToken cancellationToken)
    {
        if (Counters.IsClosed) throw new ObjectDisposedException(Name, $"Executor '{Name}' has been shut down and starts no more workers.");
        _breaker.ThrowIfRefusing();
        RefuseInitializers();
        var ready = _supervisor.StartAllAsync();
        try
        {
            await ready.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _supervisor.LeaveStart(ready);
        }
    }

    public override ExecutorStatistics GetStatistics()
    {
        string? brokenBy = _breaker.BreakingError?.Message; // outside the gate: the property may be code of the program
        lock (_gate)
        {
            var counts = _supervisor.CountLocked();
            return CreateStatistics(_supervisor.Workers, _supervisor.Handles.Length, counts.Idle, counts.Busy) with
            {
                WorkerStarts = _breaker.StateLocked,
                FailedStarts = _breaker.FailedStartsLocked,
                StartError = _breaker.LastErrorLocked?.Message,
                BrokenBy = brokenBy,
            };
        }
    }

    public override ExecutorFigures ReadFigures()
    {
        lock (_gate)
        {
            var counts = _supervisor.CountLocked();
            return new ExecutorFigures
            {
                Submitted = Counters.Admitted,
                Queued = Math.Max(0, Counters.Outstanding - counts.InFlight),
                Sent = counts.InFlight - counts.Busy,
                Running = counts.Busy,
                Idle = counts.Idle,
                Busy = counts.Busy,
                Starting = counts.Starting,
                Stopping = counts.Stopping,
            };
        }
    }

    public override Func<TaskTreeNode> CaptureSnapshot(SnapshotRequest request) => () =>
        CreateSnapshot(_supervisor.CaptureWorkers().ConvertAll(worker => new TaskTreeNode(
            $"{worker.Worker.Name}, process {worker.Worker.ProcessId}", worker.State.ToString().ToLowerInvariant(), [],
            [.. worker.Sent.Take(request.Most).Select(static task => TaskDescription.SnapshotOf(task.Future))])));

    public override ExecutorActivity CaptureActivity(int most)
    {
        var seen = _supervisor.CaptureWorkers();
        var workers = seen.ConvertAll(one => new WorkerActivity(one.Worker.Id, one.Worker.Name, NameOf(one.State, one.Sent.Count))
        {
            ProcessId = _isInProcess ? null : one.Worker.ProcessId,
            ReadMemory = _isInProcess ? null : () => MemoryGuard.ResidentBytesOf(one.Worker.ProcessId),
            Task = one.Sent.Find(static task => task.Future.State == FutureState.Running) is { } task ? TaskDescription.ActivityOf(task.Future) : null,
            Tasks = one.Sent.Count,
        });
        return TaskDescription.ActivityOf(workers, [.. seen.SelectMany(static one => one.Sent).Select(static task => task.Future)], most);

        static string NameOf(WorkerPhase state, int tasks) =>
            tasks > 0 ? "busy" : state <= WorkerPhase.Initializing ? "starting" : state <= WorkerPhase.Spare ? "idle" : "stopping";
    }

    public override bool TryRetire(int worker)
    {
        if (Actor is not null) return false; // the actor would be lost
        lock (_gate)
        {
            if (Array.Find(_supervisor.Handles, one => one.Number == worker) is not { State: WorkerPhase.Ready or WorkerPhase.Spare } found) return false;
            _supervisor.RetireLocked(found);
            return true;
        }
    }

    /// <summary>Frees the memory that was kept for workers. Called when all workers have exited.</summary>
    public void ReleaseMemory()
    {
        _serializer.Dispose();
        _setup.Dispose();
    }

    public override void Prepare(Future future)
    {
        try
        {
            _serializer.Serialize(future);
        }
        catch
        {
            if (Dispatcher.HasPlaceFromSubmit(future)) _room?.GiveBack();
            throw;
        }
    }

    protected override void CloseAdmissions()
    {
        base.CloseAdmissions();
        _room?.Close();
    }

    protected override List<Future> TakeQueued() => _dispatcher.TakeAllQueued();

    protected override List<Future> TasksUnderWay() => _supervisor.InFlightTasks();

    /// <summary>Kills the workers of the tasks that are still running when the grace period has elapsed.</summary>
    protected override void GiveUpRunning(TimeSpan grace) =>
        _supervisor.KillBusyWorkers($"'{Name}' was shut down, and its work was still running after the grace period of {TimeoutArguments.Text(grace)}");

    /// <remarks>
    /// <list type="number">
    /// <item>The workers are requested to exit; those that do not exit are killed after two seconds, or immediately when the shutdown mode is to
    /// kill.</item>
    /// <item>All processes have exited, all channels are unmapped, the draining thread exits.</item>
    /// <item>The last lines that workers wrote are delivered; a receiver that does not take them is waited for at most two seconds.</item>
    /// </list>
    /// </remarks>
    protected override async Task StopAsync(ShutdownMode mode, TimeSpan grace)
    {
        lock (_gate)
        {
            _supervisor.BeginEndLocked();
            _pump.StopIfNeverStartedLocked();
        }

        _pump.Wake();
        await _pump.Stopped.ConfigureAwait(false);
        await _delivery.HandOnAsync().ConfigureAwait(false);
    }

    private void RefuseInitializers()
    {
        if (!_supervisor.HasStarted) CurrentWorker.ThrowIfInitializing(); // once workers exist, nested starts cannot multiply
    }
}
