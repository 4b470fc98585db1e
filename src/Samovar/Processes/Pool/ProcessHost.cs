using Samovar.Ipc;
using Samovar.Serialization;

namespace Samovar.Processes;

/// <summary>The inside of a <see cref="ProcessExecutor"/>: waiting tasks, workers, and what they have been sent.</summary>
/// <remarks>
/// <list type="number">
/// <item>Work becomes bytes on the submitter's thread, before anybody else sees the task, under no lock.</item>
/// <item>Lanes, workers, work rings and slots change under the gate. Results are read by the draining thread alone, under no
/// lock.</item>
/// <item>A task goes straight into the ring of a worker that has room, from the thread that submits it, if no other waits. It
/// waits otherwise; whoever makes room (an answer, an end, a new worker) sends from the lanes.</item>
/// <item>What is sent and not begun can be taken back by winning its slot: cancelled, moved to an idle worker, or saved from a
/// dead one. What has begun belongs to its worker, and dies with it.</item>
/// <item>Nothing that a worker writes is believed: slots, generations and lengths are checked, and a worker that writes nonsense
/// is killed.</item>
/// <item>A channel is unmapped by the draining thread, under the gate, once nobody rings its bell.</item>
/// <item>User code never runs under the gate.</item>
/// </list>
/// </remarks>
internal sealed partial class ProcessHost : RemoteExecutorCore
{
    /// <summary>Bytes of a delegate that travels in the ring, with its name.</summary>
    private const int LargestInRing = 24 * 1024;

    /// <summary>Characters of a task's name that its worker sees.</summary>
    private const int LongestName = 2048;

    private readonly Lock _gate = new();
    private readonly ProcessExecutorOptions _options;
    private readonly ShippingWriter _writer = new(ShippingOptions.OfWork);
    private readonly ChannelPlatform _platform;
    private readonly WarmSegments _warm;
    private readonly TaskLanes _lanes = new();
    private readonly QueueRoom? _room; // a place for each task in the lanes, and for each that is on the way there
    private readonly List<WorkerLink> _ready = [];
    private readonly WorkerStart _start;
    private readonly LineDelivery _delivery;
    private readonly byte[]? _initializer;
    private readonly KeptInTransit _initializerKept = new(); // shared objects that the initializer holds, for workers still to come
    private readonly PackedRecord _warmUp;
    private readonly SentCultures _cultures;
    private readonly int _initializerDefinitions;
    private WorkerLink[] _links = []; // replaced under the gate, read by the draining thread
    private Func<Exception>? _broken;
    private SendWindow _window = new();
    private int _windowSize = 1; // as learned last; for those outside the gate
    private int _workers;
    private int _next; // where the search for a worker with room begins

    public ProcessHost(ProcessExecutorOptions options, string name)
        : base(name, options.TimeProvider, options.CancellationGrace, options.LoggerFactory)
    {
        ProcessWorker.ThrowIfStrayed();
        if (!options.InProcess && options.RuntimeConfiguration is null) ProcessWorker.ThrowIfUnprepared();
        var kind = options.InProcess ? ChannelKind.Local : options.Channel;
        _platform = kind is { } forced ? ChannelPlatform.Create(forced) : ChannelPlatform.Current;
        BatchDuration = TimeSpan.FromMilliseconds(1); // there and back may wake three threads in two processes: a tenth of a millisecond of the processors' time when they are busy
        _options = options;
        _hasAnswers = HasAnswers;
        _warm = new WarmSegments(_platform, options.TimeProvider);
        _workers = options.Workers;
        if (options.QueueCapacity is { } capacity) _room = new QueueRoom(name, capacity, options.QueueFullMode);
        _start = options.StartOf(typeof(PoolBody));
        _delivery = LineDelivery.For(options, name);
        _warmUp = WarmUpBy(_writer);
        _cultures = new SentCultures(_writer);
        if (options.Initializer is not { } initializer) return;
        using var body = _writer.Prepare((Action)ShippableWork.Exact<Action>(initializer), _initializerKept);
        _initializer = body.ToArray();
        _initializerDefinitions = body.DefinitionsNeeded;
    }

    public override int Parallelism => Workers;

    /// <summary>Whether a submitter that waits for room would wait for itself: it decodes an answer, or runs as a task of this executor on a worker that is a thread of this process.</summary>
    private bool MakesRoomItself =>
        _turn.IsHeldByCurrentThread || (_options.InProcess && RunningTask.Current is { IsCompleted: false, Host: WorkerHost host } && host.IsOf(this));

    public override long Admit(TaskOptions? options, bool regardless = false)
    {
        RefuseOrAccept();
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

    /// <summary>Submitters that wait for room in the bounded queue.</summary>
    public int SubmittersWaiting => _room?.Waiting ?? 0;

    public override void MapBegins() => RefuseInitializers();

    public override void Enqueue(Future future)
    {
        bool hasPlace = HasPlaceFromSubmit(future);
        if (future.HostItem is not Shipment shipment)
        {
            if (hasPlace) _room?.GiveBack();
            return; // it has ended meanwhile
        }

        var ringing = default(Ringing);
        int launches = 0;
        bool wasInterrupted = _gate.EnterRegardless(); // a task that is tried again, or follows another, would be lost
        try
        {
            if (_lanes.Count > 0 || PickUnderGate() is not { } link || SendUnderGate(link, shipment, ref ringing) == SendOutcome.NoRoom)
            {
                _lanes.Append(future);
                if (!hasPlace) _room?.TakeRegardless();
                launches = LaunchesUnderGate();
            }
            else if (hasPlace)
            {
                _room?.GiveBack();
            }
        }
        finally
        {
            _gate.Exit();
        }

        try
        {
            ringing.Ring();
            FailRefused(shipment);
            if (launches > 0) Launch(launches);
            FailQueued();

            // SYNC: queued or ending. The task is queued, then the shutdown's mode is read.
            if (IsDiscarding) CancelIfUnstarted(future);
            if (IsKilling) future.Cancel();
        }
        finally
        {
            GateEntry.Reinterrupt(wasInterrupted);
        }
    }

    public override void Revoked(Future future)
    {
        lock (_gate)
        {
            if (_lanes.Remove(future)) _room?.GiveBack();
        }
    }

    public override void NoteStart(Future future)
    {
        WorkerLink link;
        int attempt;
        long began;
        lock (_gate)
        {
            // What is in no slot was answered, or has died with its worker, and its start is recorded.
            if (future.HostItem is not Shipment { Link: { State: not WorkerLinkState.Gone } found } shipment) return;
            if (!found.Holds(shipment, shipment.Ticket) || !HasBegunUnderGate(found, shipment.Ticket)) return;
            link = found;
            attempt = shipment.Attempt;
            began = BeganAt(link, shipment);
        }

        future.TryStartSent(link.Identity, attempt, began, hasEnded: false);
    }

    public override void Recall(Future future)
    {
        var ringing = default(Ringing);
        WorkerLink link;
        int attempt;
        long began;
        lock (_gate)
        {
            // Sent and in no slot: the answer, or the death, that took it out of there is being recorded at this moment.
            if (future.HostItem is not Shipment { Link: { State: not WorkerLinkState.Gone } found } shipment) return;
            if (future.SentState != FutureState.Sent || !found.Holds(shipment, shipment.Ticket)) return;
            link = found;
            attempt = shipment.Attempt;
            began = BeganAt(link, shipment);
            if (TryTakeBackUnderGate(link, shipment))
            {
                SendQueuedUnderGate(link, ref ringing);
                began = 0;
            }
        }

        ringing.Ring();
        if (began != 0) future.TryStartSent(link.Identity, attempt, began, hasEnded: false);
    }

    public override ExecutorStatistics GetStatistics()
    {
        lock (_gate)
        {
            int running = 0;
            int idle = 0;
            foreach (var link in _links)
            {
                if (link.Out > 0) running++;
                else if (link.State is WorkerLinkState.Ready or WorkerLinkState.Spare) idle++;
            }

            return Snapshot(_workers, _links.Length, idle, running) with
            {
                WorkerStarts = StartStateUnderGate,
                FailedStarts = _failedStarts,
                StartError = _startError?.Message,
            };
        }
    }

    public override Func<TaskTreeNode> AskPicture(PictureRequest request) => () =>
    {
        List<(WorkerIdentity Worker, WorkerLinkState State, List<Shipment> Sent)> seen;
        lock (_gate) seen = [.. _links.Select(static link => (link.Identity, link.State, link.Unanswered()))];
        return Picture(seen.ConvertAll(worker => new TaskTreeNode(
            $"{worker.Worker.Name}, process {worker.Worker.ProcessId}", worker.State.ToString().ToLowerInvariant(), [],
            [.. worker.Sent.Take(request.Most).Select(static shipment => PictureOf(shipment.Future))])));
    };

    /// <summary>Makes the work bytes; what cannot travel is refused here.</summary>
    public override void Prepare(Future future)
    {
        var work = future.GetShippable();
        var shared = (SharedWork?)work.Shared;
        shared?.Hold();
        try
        {
            Prepare(future, work, shared);
        }
        catch
        {
            shared?.Release();
            if (HasPlaceFromSubmit(future)) _room?.GiveBack();
            throw;
        }
    }

    /// <summary>Whether a task that is on its way to the lanes has a place there since it was submitted; batches of maps and further attempts have none.</summary>
    private static bool HasPlaceFromSubmit(Future future) => !future.HasItems && future.Attempt == 1;

    private void Prepare(Future future, in ShippableWork work, SharedWork? shared)
    {
        var cultures = _cultures.Of(future.SubmittedCultures);
        var connector = PortsOnDemand.Of(this);
        using var body = _writer.PrepareContinued(work.Work, connector, shared?.Known);
        var traits = work.BringsResult ? TaskTraits.BringsResult : TaskTraits.None;
        traits |= OutputTraits;
        if (future.Options.Timeout is not null) traits |= TaskTraits.TellsStart;
        var ports = connector.Take();
        if (ports is not null) traits |= TaskTraits.IsLive;

        var surroundings = TaskSurroundings.Of(future.SubmittedUnder is { } activity ? TaskTrace.Of(activity) : "", cultures.Record);

        // What is too large for a ring is written once, to where the worker reads it, and not under the gate.
        LargeBody? large = null;
        byte[] inRing;
        try
        {
            if (body.Length + surroundings.Length + (NameOf(future).Length * sizeof(char)) > LargestInRing)
            {
                large = LargeBody.Write(_platform, body, isReadOnce: future.Options.Retry is null, _warm);
                traits |= TaskTraits.IsElsewhere;
            }

            inRing = large?.InRing ?? body.ToArray();
        }
        catch
        {
            ports?.Close(); // no room for the work: nobody else has them yet
            throw;
        }

        int definitions = Math.Max(body.DefinitionsNeeded, cultures.DefinitionsNeeded);
        var shipment = new Shipment(future, inRing, large, definitions, traits, work.Shape)
        {
            Ports = ports,
            Surroundings = surroundings,
            Work = shared,
        };
        ports?.Shipment = shipment;
        future.Keep(shipment);
    }

    private void RefuseInitializers()
    {
        if (Volatile.Read(ref _started) == 0) WorkerRuntime.ThrowIfInitializing(); // later there are workers, and nothing multiplies
    }

    /// <summary>Takes everything that waits.</summary>
    protected override List<Future> TakeQueued()
    {
        var taken = new List<Future>();
        lock (_gate)
        {
            while (_lanes.TakeFirst() is { } task)
            {
                taken.Add(task);
                _room?.GiveBack();
            }
        }

        return taken;
    }

    /// <summary>Where no work is accepted, fails what waits.</summary>
    private void FailQueued()
    {
        if (Refusal is not { } refusal) return;
        foreach (var task in TakeQueued()) task.FailUnstarted(refusal());
    }

    /// <summary>Ends the executor's usefulness: everything queued fails, and so does submitting. What runs may end.</summary>
    private void Break(Func<Exception> error)
    {
        Interlocked.CompareExchange(ref _broken, error, null);
        FailQueued();
    }
}
