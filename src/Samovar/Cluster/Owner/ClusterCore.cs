using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Samovar.Cluster.Members;
using Samovar.Cluster.Programs;
using Samovar.Cluster.Protocol;
using Samovar.Diagnostics.Inspection;
using Samovar.Diagnostics.Metering;
using Samovar.Executors.Actors;
using Samovar.Primitives;
using Samovar.Processes.Protocol;
using Samovar.Tasks.Core;
using Samovar.Tasks.Running;

namespace Samovar.Cluster.Owner;

/// <summary>The core of a <see cref="ClusterExecutor"/>: it admits tasks, stops them, reports on them and shuts down, and it creates the classes that do
/// the rest.</summary>
/// <remarks>
/// <para>A task passes through three of them: <see cref="ClusterSerializer"/> serializes its work, <see cref="TaskPublisher"/> queues and publishes it,
/// <see cref="OwnerReceiver"/> answers the node that wants to start it and completes its future with the outcome. <see cref="OwnerTasks"/> knows which
/// tasks are in the cluster and which node runs them.</para>
/// <list type="number">
/// <item>A published task is in the state <see cref="FutureState.Sent"/>. It starts when a node claims it and the owner agrees, which is the moment at
/// which it becomes <see cref="FutureState.Running"/>; so the owner can take back what is sent without asking any node.</item>
/// <item>An outcome counts only if it comes from the node that the owner permitted to run that attempt.</item>
/// <item>A node that is silent for too long is lost, and so are the attempts that it runs.</item>
/// </list>
/// </remarks>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed partial class ClusterCore : RemoteExecutorCore
{
    /// <summary>The age from which a message of a node is refused. A reply box does not keep messages for so long.</summary>
    private static readonly TimeSpan s_oldestMessage = TimeSpan.FromDays(7);

    private readonly ClusterTransport _transport;
    private readonly ClusterExecutorOptions _options;
    private readonly EnvelopeSeal _seal;
    private readonly OwnerProgram _program;
    private readonly ProgramSender _programs;
    private readonly ClusterSerializer _serializer;
    private readonly OwnerTasks _tasks;
    private readonly TaskPublisher _publisher;
    private readonly OwnerReceiver _receiver;
    private readonly OwnerConnector _connector;
    private readonly IReadOnlyList<ClusterNode> _nodes;
    private readonly OwnerInspection _inspection; // the registry refers to it weakly
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _running;
    private string _address = ""; // written before the sender
    private MessageSender? _sender; // Volatile; set before the first message arrives that needs it

    public ClusterCore(
        ClusterTransport transport, ClusterExecutorOptions options, IReadOnlyList<ClusterNode> nodes, string name, OwnerProgram? program = null, ActorLife? actor = null)
        : base(name, options.TimeProvider, options.CancellationGrace, options.LoggerFactory)
    {
        KeyRequirement.Check(transport, options.Keys, $"{nameof(ClusterExecutorOptions)}.{nameof(ClusterExecutorOptions.Keys)}");
        if (options.OwnResources is { } resources)
            throw new NotSupportedException($"The options of '{name}' have resources ({resources}). In a cluster the nodes have them: set ClusterNodeOptions.Resources, or 'samovar worker --resource NAME=AMOUNT'.");
        _transport = transport;
        _options = options;
        _nodes = nodes;
        if (options.QueueCapacity is { } capacity) Room = new QueueRoom(name, capacity, options.QueueFullMode);
        Meter = CreateMeter(options.MeterFactory, "cluster");
        _program = program ?? new OwnerProgram(options.Folders, options.RuntimeConfiguration);
        _programs = new ProgramSender(this, _program);
        _seal = new EnvelopeSeal(options.Keys, options.Cluster, Id, _program.Build, TimeProvider.System, s_oldestMessage);
        _serializer = new ClusterSerializer(this);
        _tasks = new OwnerTasks(this, options.PresenceTime);
        if (actor is not null) Actor = new OwnerActor(this, _tasks, actor);
        else Resources = ResourceLedger.OfNodes(this, options.PresenceTime);
        Monitor = new MemberMonitor(
            MemberRole.Executor, name, options.Cluster, options.LoggerFactory, options.MeterFactory, _tasks.CountNodes, error => Report(FailureSource.MeterListener, 0, null, error));
        _publisher = new TaskPublisher(this, _tasks);
        _receiver = new OwnerReceiver(this, _seal, _tasks);
        _connector = new OwnerConnector(transport, new ClusterMember(options.Cluster, name) { KeepsReplies = true, Audience = ClusterAudience.Executors }, options.ConnectTimeout, FailQueued, Monitor);
        _inspection = new OwnerInspection(this, _tasks, _connector, _seal);
        MemberRegistry.Add(_inspection);
        foreach (var node in nodes) NoteOwnNode(node);
        _running = Task.Run(RunAsync);
    }

    /// <summary>Identifies this owner in messages.</summary>
    public Guid Id { get; } = Guid.NewGuid();

    /// <summary>The build of the program whose work the nodes run.</summary>
    public BuildId Build => _program.Build.Value;

    /// <summary>The same; null while it is not computed.</summary>
    public BuildId? KnownBuild => _program.Build.IsValueCreated ? _program.Build.Value : null;

    public MemberMonitor Monitor { get; }

    /// <summary>What work and results are that are too long for messages.</summary>
    public OwnerBlobs Blobs { get; } = new();

    /// <summary>The places of the tasks that wait to be published; null if their number has no limit.</summary>
    public QueueRoom? Room { get; }

    /// <summary>The longest work of a task, in bytes.</summary>
    public int LargestWork => _options.LargestWork;

    /// <summary>How many tasks the nodes run at the same time; the expected number until nodes have reported.</summary>
    public override int Parallelism
    {
        get
        {
            int workers = _tasks.Count().Workers;
            return workers > 0 ? workers : Math.Max(1, _options.ExpectedWorkers);
        }
    }

    public override bool RunsItemsSingly => true;

    /// <summary>A node is one worker here, and runs several tasks.</summary>
    public override bool RunsTasksAtOnce => true;

    /// <summary>A published task waits in the queue of the cluster, from which any node may take it.</summary>
    public override FutureState StateOfSent => FutureState.Queued;

    /// <summary>Completes when the executor is connected.</summary>
    public async Task WhenConnectedAsync(CancellationToken cancellationToken)
    {
        if (Counters.IsClosed) throw new ObjectDisposedException(Name, $"Executor '{Name}' has been shut down.");
        await _connector.Connected.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public override long Admit(TaskOptions? options, bool regardless = false)
    {
        if (_connector.Refusal is { } refusal) throw new ClusterConnectionException(refusal.Message, refusal);
        CurrentWorker.ThrowIfInitializing();
        if (Room is null || regardless) return base.Admit(options, regardless);
        Room.Take(options?.CancellationToken ?? CancellationToken.None);
        try
        {
            return base.Admit(options, regardless);
        }
        catch
        {
            Room.GiveBack();
            throw;
        }
    }

    public override long AdmitAgain(TaskOptions options)
    {
        long id = base.AdmitAgain(options);
        Room?.TakeRegardless();
        return id;
    }

    public override void MapBegins() => CurrentWorker.ThrowIfInitializing();

    public override ExecutorSharedWork? Share(Delegate work, bool refersToIt) => _serializer.Share(work, refersToIt);

    public override void Prepare(Future future)
    {
        if (future.TaskState is not null) return;
        try
        {
            _serializer.Serialize(future);
        }
        catch
        {
            if (!future.HasItems) Room?.GiveBack();
            throw;
        }
    }

    public override void Enqueue(Future future)
    {
        var task = future.TaskState as ClusterTask;
        task?.EnterQueue();
        if (Actor is null || task is { CreatesActor: true }) _publisher.Enqueue(future);
        else Actor.Enqueue(future);

        // SYNC: queued or ending. The task is queued, then the shutdown's mode is read.
        if (IsDiscarding) CancelIfUnstarted(future);
        if (_connector.Refusal is { } refusal) FailQueued(refusal);
    }

    public override void ReturnPlace() => Room?.GiveBack();

    public override void Revoked(Future future)
    {
        if (Actor?.TryRemove(future) != true) _publisher.Remove(future);
    }

    /// <summary>Does nothing: a start is known here before it happens.</summary>
    public override void NoteStart(Future future)
    {
        // The node has requested it first.
    }

    public override void Recall(Future future) => _tasks.Recall(future);

    public override bool TryDrainOnCaller(Future future) => false;

    public override bool HasEndedInTime(Future future) => future.TaskState is ClusterTask { HasEnded: true };

    /// <summary>Returns the end of a task: its start plus the time that the worker reports, but not later than now.</summary>
    public override long EndOf(Future future, long now)
    {
        if (future.TaskState is not ClusterTask { Elapsed.Ticks: > 0 } task) return now;
        double took = task.Elapsed.TotalSeconds * Time.TimestampFrequency;
        long began = future.StartedTimestamp;
        return took < now - began ? began + (long)took : now;
    }

    public override void StopRequested(Future future, int attempt, StopReason reason)
    {
        if (future.TaskState is not ClusterTask task || !_tasks.IsRunning(task, attempt)) return;
        _tasks.Stop(task, attempt, new StopRequest(MessageKind.Stop, reason, ""));
        string why = reason == StopReason.Timeout
            ? $"task {future.Id} ran past its timeout of {TimeoutArguments.Text(future.Options.Timeout.GetValueOrDefault())} and the grace period of {TimeoutArguments.Text(CancellationGrace)}"
            : $"task {future.Id} was cancelled, and was still running after the grace period of {TimeoutArguments.Text(CancellationGrace)}";
        if (CancellationGrace == TimeSpan.Zero) Kill(task, attempt, reason, why);
        else task.ArmKill(Time.CreateTimer(_ => Kill(task, attempt, reason, why), null, CancellationGrace, Timeout.InfiniteTimeSpan));
    }

    public override void KillTask(Future future, string why)
    {
        if (future.TaskState is ClusterTask task) Kill(task, future.Attempt, StopReason.Cancel, why);
    }

    /// <summary>Does nothing: the node kills the process of an attempt that was abandoned.</summary>
    public override void LeftBehind(Future future, int attempt)
    {
        // Not counted: its process is killed.
    }

    public override ExecutorStatistics GetStatistics()
    {
        var (workers, running, _) = _tasks.Count();
        running += _receiver.Fetching;
        return CreateStatistics(Parallelism, Math.Max(workers, running), Math.Max(0, workers - running), running) with
        {
            StartError = _connector.Refusal?.Message,
        };
    }

    public override ExecutorFigures ReadFigures()
    {
        var (workers, running, sent) = _tasks.Count();
        running += _receiver.Fetching;
        return new ExecutorFigures
        {
            Submitted = Counters.Admitted,
            Queued = Math.Max(0, Counters.Outstanding - running - sent),
            Sent = sent,
            Running = running,
            Idle = Math.Max(0, workers - running),
            Busy = running,
        };
    }

    public override Func<TaskTreeNode> CaptureSnapshot(SnapshotRequest request) => () => CreateSnapshot(_tasks.AllNodes().ConvertAll(
        node => new TaskTreeNode($"node {node.Node.Name}", node.Node.Text, [], [.. node.Running.Take(request.Most).Select(TaskDescription.SnapshotOf)])));

    /// <summary>Cancels a task that no node has started.</summary>
    public void CancelUnstartedTask(Future task) => CancelIfUnstarted(task);

    /// <summary>Fails a task that was not published, unless it has started or completed.</summary>
    public void FailSent(ClusterTask task, Exception error)
    {
        _tasks.Recall(task.Future);
        task.Future.EndUnstarted(FutureState.Failed, error);
    }

    /// <summary>Returns the definitions of this owner that a message needs.</summary>
    public byte[] Definitions(int needed) => new DefinitionBlock(_serializer.Writer, needed).Bytes;

    /// <summary>Returns a signed message.</summary>
    public byte[] Seal(MessageKind kind, MessageWriter body) => _seal.Seal(kind, body.Written.Span);

    /// <summary>Sends a message to a node.</summary>
    public void Send(string address, MessageKind kind, MessageWriter body) => Volatile.Read(ref _sender)?.Send(address, Seal(kind, body)); // SYNC: cluster sender

    /// <summary>Sends the messages of a task's live values that its node does not have yet.</summary>
    public void SendLive(ClusterTask task) => _tasks.SendLive(task);

    /// <summary>Sends a message of a live value.</summary>
    public void SendLive(string address, TaskKey key, int number, PackedRecord record)
    {
        RecordHeaders.TryRead(record.Record, out LiveHeader header, out var body);
        var packed = new ArrayBufferWriter<byte>(body.Length + 64); // in the format of Shipping.Pack
        _serializer.Writer.WriteDefinitions(0, record.DefinitionsNeeded, packed);
        packed.Write(body);
        Send(address, MessageKind.Live, new LiveMessage(key, number, header.Port, packed.WrittenMemory).Write());
    }

    /// <summary>Answers a node that does not have the program of this owner.</summary>
    public void SendProgram(ProgramRequestMessage request) => _programs.Answer(request, _connector.Connected, _ending.Token);

    /// <summary>Asks all nodes to report.</summary>
    public void SayHello() => _ = BroadcastAsync(MessageKind.Hello);

    /// <summary>Reports to nodes and monitors that this owner exists.</summary>
    public void SayAlive() => _ = BroadcastAsync(MessageKind.Alive);

    protected override List<Future> TakeQueued() => [.. _publisher.TakeAll(), .. Actor?.TakeAll() ?? []];

    protected override List<Future> TasksUnderWay() => Actor?.FindStoring() is { } stored ? [stored, .. _tasks.AllSent()] : _tasks.AllSent();

    protected override async Task StopAsync(ShutdownMode mode, TimeSpan grace)
    {
        _connector.End();
        _publisher.End();
        await _ending.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        Monitor.Close();
    }

    private async Task RunAsync()
    {
        var nodes = _nodes.Select(static node => node.StartAsync()).ToList(); // a transport in this process connects at once
        if (await _connector.RunAsync(_receiver).ConfigureAwait(false) is { } connection)
        {
            var sender = new MessageSender(connection, static _ => { }); // a node that is gone is noticed by its silence
            _address = connection.Address;
            Volatile.Write(ref _sender, sender); // SYNC: cluster sender
            Blobs.Connect(connection);
            SayHello();
            var watch = WatchNodesAsync();
            await _publisher.RunAsync(connection).ConfigureAwait(false);
            await watch.ConfigureAwait(false);
            await _programs.EndAsync().ConfigureAwait(false);
            await _receiver.FlushAsync().ConfigureAwait(false); // confirms the last outcomes to their nodes
            await sender.EndAsync().ConfigureAwait(false);
            await ReportShutdownAsync(connection).ConfigureAwait(false);
            await Task.WhenAll(_nodes.Select(static node => node.StopAsync())).ConfigureAwait(false);
            await Blobs.EndAsync().ConfigureAwait(false);
            await connection.DisposeAsync().ConfigureAwait(false);
        }

        await Task.WhenAll(nodes).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_nodes.Select(static node => node.StopAsync())).ConfigureAwait(false);
    }

    /// <summary>Reports to the nodes that no program waits for tasks of this owner any more. Nodes that miss it notice the silence.</summary>
    private async Task ReportShutdownAsync(ClusterConnection connection)
    {
        if (connection.State == ClusterConnectionState.Connected)
            await BroadcastAsync(MessageKind.Gone).WaitAsync(s_checkInterval).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task BroadcastAsync(MessageKind kind)
    {
        if (!_connector.Connected.IsCompletedSuccessfully) return; // RunAsync says it
        try
        {
            await (await _connector.Connected.ConfigureAwait(false)).BroadcastAsync(ClusterAudience.Nodes, _seal.Seal(kind, [])).ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            // The executor has stopped.
        }
    }

    private void Kill(ClusterTask task, int attempt, StopReason reason, string why) => _tasks.Stop(task, attempt, new StopRequest(MessageKind.Kill, reason, why));

    private void FailQueued(Exception error)
    {
        foreach (var task in TakeQueued()) task.EndUnstarted(FutureState.Failed, new ClusterConnectionException(error.Message, error));
    }
}
