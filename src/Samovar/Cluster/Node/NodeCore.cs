using System.Diagnostics.CodeAnalysis;
using System.Text;
using Samovar.Cluster.Members;
using Samovar.Cluster.Protocol;
using Samovar.Diagnostics.Inspection;
using Samovar.Diagnostics.Watching;
using Samovar.Primitives;

namespace Samovar.Cluster.Node;

/// <summary>The core of a <see cref="ClusterNode"/>: connects, sends, reports that the node exists, and leaves.</summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed partial class NodeCore
{
    /// <summary>A result that is longer, in bytes, may be too long to be sent; its error is not.</summary>
    private const int LongestError = 64 * 1024;

    /// <summary>How long a node that leaves waits for the owners to confirm the last outcomes.</summary>
    private static readonly TimeSpan s_confirmationPatience = TimeSpan.FromSeconds(5);

    /// <summary>The silence from which an owner without a reply box is gone. Owners report twice in that time.</summary>
    private static readonly TimeSpan s_silence = BeaconMessage.Interval * 2;

    private readonly ClusterTransport _transport;
    private readonly ClusterNodeOptions _options;
    private readonly EnvelopeSeal _seal;
    private readonly NodeItems _items;
    private readonly NodePrograms _programs;
    private readonly NodeOutbox _outbox;
    private readonly NodeReceiver _receiver;
    private readonly NodeInspection _inspection; // the registry refers to it weakly
    private readonly CancellationTokenSource _ending = new();
    private readonly Lock _gate = new();
    private ClusterConnection? _connection;
    private MessageSender? _sender;
    private Task? _start; // gate
    private Task? _stop; // gate
    private Task _beacons = Task.CompletedTask; // gate
    private NodeState _state = NodeState.Accepting; // gate

    public NodeCore(ClusterTransport transport, ClusterNodeOptions options, string name)
    {
        KeyRequirement.Check(transport, options.Keys, $"{nameof(ClusterNodeOptions)}.{nameof(ClusterNodeOptions.Keys)}");
        if (options.WorkerOptions.OwnResources is { } ofWorkers)
        {
            throw new ArgumentException(
                $"ClusterNodeOptions.WorkerOptions of node '{name}' has resources ({ofWorkers}). The node assigns them to all its tasks: set ClusterNodeOptions.Resources.",
                nameof(options));
        }

        _transport = transport;
        _options = options;
        Name = name;
        Id = Guid.NewGuid();
        Monitor = new MemberMonitor(MemberRole.Node, name, options.Cluster, options.LoggerFactory, options.MeterFactory);
        Owners = new NodeOwners(Time);
        Credit = new NodeCredit(options.Workers, Time);
        _idleNodes = new IdleNodes(Time);
        _seal = new EnvelopeSeal(options.Keys, options.Cluster, Id, ProgramBuild.Current, TimeProvider.System, options.MaxMessageAge);
        Resources = new NodeResources(name, options.OwnResources);
        _items = new NodeItems(this, options.Workers, Resources);
        Blobs = new NodeBlobs(this, _items, options.LargestResult);
        _programs = new NodePrograms(this, _items, options, _ending.Token);
        Actors = new NodeActors(this, _items, _programs);
        _outbox = new NodeOutbox(this);
        _receiver = new NodeReceiver(this, _seal, _items, _programs);
        _inspection = new NodeInspection(this, _seal);
        MemberRegistry.Add(_inspection);
        InspectionSource.OpenOnce();
    }

    public string Name { get; }

    /// <summary>The clock for silence and for repetitions.</summary>
    public TimeProvider Time => _options.Time;

    /// <summary>How many messages the broker sends ahead.</summary>
    public NodeCredit Credit { get; }

    /// <summary>What its tasks share.</summary>
    public NodeResources Resources { get; }

    /// <summary>The owners of its tasks.</summary>
    public NodeOwners Owners { get; }

    /// <summary>What tasks and results are if they are too long for messages.</summary>
    public NodeBlobs Blobs { get; }

    /// <summary>Identifies this node in messages.</summary>
    public Guid Id { get; }

    public long Completed => _items.Completed;

    /// <summary>The largest sum of results in one message, in bytes.</summary>
    public int LargestBundle => Math.Min(1 << 20, Connection.Broker.LargestMessage / 2);

    public ClusterConnection Connection => Volatile.Read(ref _connection) ?? throw new InvalidOperationException($"Node '{Name}' is not connected."); // SYNC: node connected

    private bool IsConnected => Volatile.Read(ref _connection) is not null; // SYNC: node connected

    public Task StartAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_stop is not null || (_start is not null && (IsConnected || !_start.IsCompleted))) throw new InvalidOperationException($"Node '{Name}' was started before.");
            return _start = ConnectAsync(cancellationToken);
        }
    }

    /// <summary>How long a message is kept without an acknowledgement. Brokers give up on a consumer that keeps one for longer than their acknowledgement
    /// timeout, half an hour by default.</summary>
    public TimeSpan HoldLimit => _options.HoldLimit;

    /// <summary>Starts an attempt in the workers of its program.</summary>
    public void Start(NodeItem item)
    {
        if (!item.CreatesActor || !Actors.TryBegin(item)) _programs.Start(item);
    }

    /// <summary>The actors that live here.</summary>
    public NodeActors Actors { get; }

    /// <summary>Opens a blob of the cluster; returns null if it does not exist.</summary>
    public Task<Stream?> OpenBlobAsync(string key, CancellationToken cancellationToken) => Connection.OpenBlobAsync(key, cancellationToken);

    /// <summary>Asks an owner for its program.</summary>
    public void SendProgramRequest(string owner, BuildId build) => Send(owner, MessageKind.ProgramRequest, new ProgramRequestMessage(build, Name, Connection.Address).Write());

    /// <summary>Asks an owner whether attempts may start.</summary>
    public void SendClaim(string owner, long number, List<TaskKey> keys) =>
        Send(owner, MessageKind.Claim, new ClaimMessage(number, Name, Connection.Address, keys).Write());

    /// <summary>Reports to the owners of attempts that this node has them.</summary>
    public void SendRunning(List<NodeItem> items)
    {
        foreach (var ofOwner in items.GroupBy(static item => item.Message.Address, StringComparer.Ordinal))
            SendRunning(ofOwner.Key, [.. ofOwner.Select(static item => (item.Entry.Key, item.LiveReceived))]);
    }

    /// <summary>Reports to an owner what runs here for it.</summary>
    public void SendRunning(string owner, List<(TaskKey Key, int LiveReceived)> tasks) =>
        Send(owner, MessageKind.Running, new RunningMessage(Connection.Address, tasks).Write());

    /// <summary>Reports to an owner that the broker has delivered attempts again: the node that had them may be lost.</summary>
    public void SendRedelivered(TasksMessage message) =>
        Send(message.Address, MessageKind.Redelivered, KeysMessage.Write([.. message.Tasks.Select(static task => task.Key)]));

    public void SendProgress(NodeItem item, ProgressMessage message) => Send(item.Message.Address, MessageKind.Progress, message.Write());

    public void SendStarted(NodeItem item, StartedMessage message) => Send(item.Message.Address, MessageKind.Started, message.Write());

    public void SendLive(NodeItem item, LiveMessage message) => Send(item.Message.Address, MessageKind.Live, message.Write());

    public void SendEnded(NodeItem item) => Send(item.Message.Address, MessageKind.Ended, KeysMessage.Write([item.Entry.Key]));

    /// <summary>Sends the outcome of an attempt to its owner; a long one is stored first.</summary>
    public void Report(NodeItem item, ResultEntry result)
    {
        if (result.Payload.Length > PayloadLimits.Inline) Blobs.Store(item, result);
        else _outbox.Add(item.Message.Address, result);
    }

    /// <summary>Sends outcomes; does not throw. What cannot be sent is replaced by its error.</summary>
    public async Task SendResultsAsync(string owner, List<ResultEntry> results)
    {
        try
        {
            await Volatile.Read(ref _sender)!.FlushAsync().ConfigureAwait(false); // SYNC: node sender. First what the tasks have reported.
            byte[] message = _seal.Seal(MessageKind.Results, new ResultsMessage(Connection.Address, results).Write().Written.Span);
            if (!await Connection.SendAsync(owner, message).ConfigureAwait(false)) OwnerIsUnreachable(owner);
        }
        catch (ObjectDisposedException)
        {
            // The node has left, which the owner notices.
        }
        catch (Exception) when (results.Count > 1)
        {
            foreach (var result in results) await SendResultsAsync(owner, [result]).ConfigureAwait(false); // one of them is too large
        }
        catch (Exception error) when (results[0].Payload.Length > LongestError)
        {
            await SendResultsAsync(owner, [NodeResult.OfUnsent(results[0], error)]).ConfigureAwait(false);
        }
        catch (Exception)
        {
            OwnerIsUnreachable(owner); // the transport cannot send to it; outcomes are repeated until the owner is silent
        }
    }

    /// <summary>Reports to the owner that this node cannot run its tasks.</summary>
    public void Refuse(TasksMessage message, ClusterDelivery delivery, string reason) => _ = RefuseAsync(message, delivery, ResultStatus.Refused, reason);

    /// <summary>Returns whether an owner is silent for so long that the node keeps no tasks for it.</summary>
    public bool IsSilent(Guid owner) => Owners.SilenceOf(owner) > _options.OwnerTimeout;

    /// <summary>Returns whether an owner is silent for so long that its running tasks are cancelled.</summary>
    public bool IsLost(Guid owner) => Owners.SilenceOf(owner) > _options.OwnerTimeout * 4;

    /// <summary>Gives the tasks of a message back to their owner, which was silent.</summary>
    public void Drop(TasksMessage message, ClusterDelivery delivery) => _ = RefuseAsync(message, delivery, ResultStatus.Dropped, "");

    /// <summary>Gives attempts back to their owners: they were silent, or this node cannot keep the attempts.</summary>
    public void Drop(List<NodeItem> items)
    {
        foreach (var ofOwner in items.GroupBy(static item => item.Message.Address, StringComparer.Ordinal)) _ = DropAsync(ofOwner.Key, [.. ofOwner]);
    }

    /// <summary>Cancels an attempt whose owner is lost.</summary>
    public void Abandon(NodeItem item) => _ = EndAbandonedAsync(item);

    /// <summary>Reports to owners and monitors that this node exists.</summary>
    public void SendBeacon() => _ = BroadcastBeaconAsync();

    /// <summary>Gives attempts to other nodes.</summary>
    public void Forward(List<NodeItem> items, int parts) => _ = ForwardOrEndAsync(items, parts);

    private async Task ConnectAsync(CancellationToken cancellationToken)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // the caller holds the gate, and the transport and loggers are the user's
        var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        Monitor.Connected(connection, _transport.Endpoint);
        Volatile.Write(ref _sender, new MessageSender(connection, OwnerIsUnreachable)); // SYNC: node sender
        Volatile.Write(ref _connection, connection); // SYNC: node connected
        lock (_gate) _beacons = SendBeaconsAsync();
        await connection.SetCreditAsync(Credit.Least, cancellationToken).ConfigureAwait(false);
    }

    private void Send(string address, MessageKind kind, MessageWriter body) => Volatile.Read(ref _sender)!.Send(address, _seal.Seal(kind, body.Written.Span)); // SYNC: node sender

    private async Task SendBeaconsAsync()
    {
        using var timer = new PeriodicTimer(BeaconMessage.Interval, Time);
        try
        {
            do
            {
                await BroadcastBeaconAsync().ConfigureAwait(false);
                _items.Repeat(BeaconMessage.Interval);
                Actors.Repeat();
            }
            while (await timer.WaitForNextTickAsync(_ending.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            // The node leaves.
        }
    }

    private async Task BroadcastBeaconAsync()
    {
        if (!IsConnected) return; // ConnectAsync sends the first one
        NodeState state;
        var load = ReadLoad();
        lock (_gate)
        {
            state = _state;
            _knownLoad = load;
            _knownVersion = Resources.Version; // before the resources are read
        }

        var beacon = new BeaconMessage(Name, Connection.Address, state, _options.Workers, _items.Running, _items.Held) { Resources = Resources.Capture() };
        try
        {
            await Connection.BroadcastAsync(ClusterAudience.Executors, _seal.Seal(MessageKind.Beacon, beacon.Write().Written.Span)).ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            // The node has left.
        }
    }

    /// <summary>Called when an owner has shut down.</summary>
    public void OwnerHasLeft(Guid owner)
    {
        Abandon(_items.DropOwner(item => item.Message.Owner == owner));
        Actors.End(actor => actor.Owner == owner);
    }

    /// <summary>Called when the reply box of an owner does not exist. If its broker is one of several and has failed, the box is back later, and what is
    /// sent to it is repeated until then. An owner that is silent as well is gone.</summary>
    private void OwnerIsUnreachable(string address)
    {
        bool IsGone(Guid owner, string ofOwner) => string.Equals(ofOwner, address, StringComparison.Ordinal) && Owners.SilenceOf(owner) > s_silence;
        Abandon(_items.DropOwner(item => IsGone(item.Message.Owner, item.Message.Address)));
        Actors.End(actor => IsGone(actor.Owner, actor.Address));
    }

    private void Abandon(List<NodeItem> items)
    {
        foreach (var item in items) _ = EndAbandonedAsync(item);
    }

    private async Task EndAbandonedAsync(NodeItem item)
    {
        if (item.Task is not { } task) return; // it is cancelled when it starts
        task.Cancel();
        try
        {
            await task.AsTask().WaitAsync(_options.WorkerOptions.CancellationGrace, Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            NodePool.Kill(item, "the program that submitted its task has exited");
        }
        catch (Exception)
        {
            // The outcome of a task without a waiter.
        }
    }

    private async Task DropAsync(string owner, List<NodeItem> items)
    {
        await SendResultsAsync(owner, items.ConvertAll(static item => ResultEntry.Dropped(item.Entry.Key, item.Claim))).ConfigureAwait(false);
        foreach (var item in items) _items.Forwarded(item); // after that: the deliveries are acknowledged
    }

    private async Task RefuseAsync(TasksMessage message, ClusterDelivery delivery, ResultStatus status, string reason)
    {
        byte[] text = Encoding.UTF8.GetBytes(reason);
        await SendResultsAsync(message.Address, [.. message.Tasks.Select(task => new ResultEntry(task.Key, status, 0, 0, TimeSpan.Zero, text))]).ConfigureAwait(false);
        delivery.Acknowledge(); // after that: a node that is killed in between loses nothing
    }

    private async Task ForwardOrEndAsync(List<NodeItem> items, int parts)
    {
        try
        {
            await ForwardAsync(items, parts).ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            // The node has left: the broker delivers its messages again.
        }
        catch (Exception)
        {
            _items.HoldAgain(items); // the broker does not take them, for example because the queue is full
        }
    }

    private void SetState(NodeState state)
    {
        lock (_gate) _state = state;
    }

    private async Task DisconnectAsync()
    {
        Task start;
        lock (_gate) start = _start ?? Task.CompletedTask;
        await start.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!IsConnected)
        {
            Monitor.Close();
            await _programs.ShutdownAsync().ConfigureAwait(false);
            return;
        }

        SetState(NodeState.Draining);
        _items.BeginDrain();
        _programs.BeginDrain();
        Task credit;
        lock (_gate) credit = _credit;
        await credit.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // no change follows; one that failed does not keep the node from leaving
        await Connection.SetCreditAsync(0, CancellationToken.None).ConfigureAwait(false); // remembered while the connection is interrupted
        await TryInTimeAsync(async () =>
        {
            await BroadcastBeaconAsync().ConfigureAwait(false);
            await ForwardAsync(_items.FindForOthers(), 1).ConfigureAwait(false);
        }).ConfigureAwait(false);
        bool isEmpty = await IsEmptyInTimeAsync(_options.DrainTimeout, _hurry.Token).ConfigureAwait(false);
        if (!isEmpty && _items.FindAllRunning() is { Count: > 0 } running)
        {
            foreach (var item in running)
            {
                item.IsNodeLeaving = true;
                NodePool.Stop(item);
            }

            isEmpty = await IsEmptyInTimeAsync(_options.WorkerOptions.CancellationGrace, CancellationToken.None).ConfigureAwait(false);
        }

        await Actors.ShutdownAsync().ConfigureAwait(false);
        await _programs.ShutdownAsync().ConfigureAwait(false);
        if (!isEmpty && Connection.State != ClusterConnectionState.Interrupted) await IsEmptyInTimeAsync(s_confirmationPatience, CancellationToken.None).ConfigureAwait(false);
        SetState(NodeState.Gone);
        await TryInTimeAsync(BroadcastBeaconAsync).ConfigureAwait(false);
        await _ending.CancelAsync().ConfigureAwait(false);
        await Volatile.Read(ref _sender)!.EndAsync().ConfigureAwait(false); // SYNC: node sender
        await Connection.DisposeAsync().ConfigureAwait(false);
        Monitor.Close();
        await _beacons.ConfigureAwait(false); // after that: a beacon waits while the connection is interrupted
        _ending.Dispose();
    }
}
