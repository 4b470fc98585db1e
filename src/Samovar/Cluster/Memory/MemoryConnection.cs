using System.Threading.Channels;

namespace Samovar.Cluster.Memory;

/// <summary>A connection inside this process. Three pumps call its receiver: for deliveries, for replies and for the rest.</summary>
internal sealed class MemoryConnection : ClusterConnection
{
    private const int LargestMessage = 64 << 20;

    private readonly ClusterMember _member;
    private readonly ClusterReceiver _receiver;
    private readonly MemoryConsumer[] _consumers;
    private readonly Channel<Call> _deliveries = NewChannel();
    private readonly Channel<Call> _replies = NewChannel();
    private readonly Channel<Call> _broadcasts = NewChannel();
    private readonly Task[] _pumps;
    private readonly Lock _gate = new();
    private readonly List<byte[]> _kept = []; // gate: replies that arrived during an interruption
    private TaskCompletionSource _restored = CreateSource(); // gate; completed while the connection works, and when it is closed
    private ClusterConnectionState _state = ClusterConnectionState.Connected; // gate
    private int _credit; // gate

    public MemoryConnection(MemoryBroker broker, MemoryCluster cluster, ClusterMember member, ClusterReceiver receiver, string address)
    {
        Source = broker;
        Cluster = cluster;
        _member = member;
        _receiver = receiver;
        Address = address;
        _consumers = [.. cluster.Queues.Select(_ => new MemoryConsumer(this))];
        _restored.SetResult();
        _pumps = [PumpAsync(_deliveries.Reader), PumpAsync(_replies.Reader), PumpAsync(_broadcasts.Reader)];
    }

    /// <summary>The broker that the connection belongs to.</summary>
    public MemoryBroker Source { get; }

    public MemoryCluster Cluster { get; }

    /// <summary>The name of the member.</summary>
    public string Member => _member.Name;

    public override string Address { get; }

    public override ClusterConnectionState State
    {
        get
        {
            lock (_gate) return _state;
        }
    }

    public override ClusterBroker Broker { get; } = new("memory", LargestMessage) { IsDurable = false };

    /// <summary>Called by a queue, under its lock.</summary>
    public void Receive(MemoryDelivery delivery)
    {
        _deliveries.Writer.TryWrite(new Call(receiver => receiver.OnDelivery(delivery)));
    }

    public void Interrupt()
    {
        lock (_gate)
        {
            if (_state != ClusterConnectionState.Connected) return;
            _state = ClusterConnectionState.Interrupted;
            _restored = CreateSource();
        }

        DropDeliveries();
        if (!_member.KeepsReplies) Cluster.Remove(this);
        Announce(ClusterConnectionState.Interrupted, new IOException("The connection was interrupted by the program."));
    }

    public void Restore()
    {
        TaskCompletionSource restored;
        int credit;
        lock (_gate)
        {
            if (_state != ClusterConnectionState.Interrupted) return;
            _state = ClusterConnectionState.Connected;
            restored = _restored;
            credit = _credit;
            foreach (byte[] reply in _kept) EnqueueReply(reply);
            _kept.Clear();
        }

        Cluster.Add(this);
        for (int i = 0; i < _consumers.Length; i++) Cluster.Queues[i].SetCredit(_consumers[i], credit);
        Announce(ClusterConnectionState.Connected, null);
        restored.TrySetResult();
    }

    public override async ValueTask PublishAsync(TaskPriority priority, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
    {
        if (!Enum.IsDefined(priority)) throw new ArgumentOutOfRangeException(nameof(priority), priority, "Not a member of TaskPriority.");
        RequireLength(body);
        await WhenConnectedAsync(cancellationToken).ConfigureAwait(false);
        Cluster[priority].Put(body);
        if (Source.IsDuplicated()) Cluster[priority].Put(body);
    }

    public override async ValueTask SetCreditAsync(int credit, CancellationToken cancellationToken = default)
    {
        if (credit is < 0 or > 10_000) throw new ArgumentOutOfRangeException(nameof(credit), credit, "The credit must be from 0 to 10,000.");
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_state == ClusterConnectionState.Closed, this);
            _credit = credit;
            if (_state != ClusterConnectionState.Connected) return;
        }

        for (int i = 0; i < _consumers.Length; i++) Cluster.Queues[i].SetCredit(_consumers[i], credit);
        await Task.CompletedTask.ConfigureAwait(false);
    }

    public override async ValueTask<bool> SendAsync(string address, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(address);
        RequireLength(body);
        await WhenConnectedAsync(cancellationToken).ConfigureAwait(false);
        if (Cluster.Find(address) is not { } member || !member.TryReply(body.ToArray())) return false;
        if (Source.IsDuplicated()) member.TryReply(body.ToArray());
        return true;
    }

    public override async ValueTask BroadcastAsync(ClusterAudience audience, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
    {
        if (audience is <= ClusterAudience.None or > ClusterAudience.All) throw new ArgumentOutOfRangeException(nameof(audience), audience, "Not an audience.");
        RequireLength(body);
        await WhenConnectedAsync(cancellationToken).ConfigureAwait(false);
        foreach (var member in Cluster.Members)
        {
            if ((member._member.Audience & audience) != ClusterAudience.None) member.ReceiveBroadcast(body.ToArray());
        }
    }

    public override async Task PutBlobAsync(string key, Stream content, CancellationToken cancellationToken = default)
    {
        BlobKey.Require(key);
        ArgumentNullException.ThrowIfNull(content);
        await WhenConnectedAsync(cancellationToken).ConfigureAwait(false);
        using var copy = new MemoryStream();
        await content.CopyToAsync(copy, cancellationToken).ConfigureAwait(false);
        Cluster.Blobs.TryAdd(key, copy.ToArray());
    }

    public override async Task<Stream?> OpenBlobAsync(string key, CancellationToken cancellationToken = default)
    {
        BlobKey.Require(key);
        await WhenConnectedAsync(cancellationToken).ConfigureAwait(false);
        return Cluster.Blobs.TryGetValue(key, out byte[]? content) ? new MemoryStream(content, writable: false) : null;
    }

    public override async Task DeleteBlobAsync(string key, CancellationToken cancellationToken = default)
    {
        BlobKey.Require(key);
        await WhenConnectedAsync(cancellationToken).ConfigureAwait(false);
        Cluster.Blobs.TryRemove(key, out _);
    }

    public override async Task<ClusterQueueDepth> GetQueueDepthAsync(CancellationToken cancellationToken = default)
    {
        await WhenConnectedAsync(cancellationToken).ConfigureAwait(false);
        return Cluster.GetDepth();
    }

    public override async Task<int> ReviewDeadLettersAsync(
        Func<ClusterDeadLetter, DeadLetterAction> decide, int most = int.MaxValue, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(decide);
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        await WhenConnectedAsync(cancellationToken).ConfigureAwait(false);
        return Cluster.Review(
            letter =>
            {
                cancellationToken.ThrowIfCancellationRequested();
                return decide(letter);
            },
            most);
    }

    public override async ValueTask DisposeAsync()
    {
        TaskCompletionSource restored;
        lock (_gate)
        {
            if (_state == ClusterConnectionState.Closed) return;
            _state = ClusterConnectionState.Closed;
            restored = _restored;
        }

        Cluster.Remove(this);
        DropDeliveries();
        restored.TrySetResult(); // calls that wait find the connection closed
        Announce(ClusterConnectionState.Closed, null);
        _deliveries.Writer.TryComplete();
        _replies.Writer.TryComplete();
        _broadcasts.Writer.TryComplete();
        await Task.WhenAll(_pumps).ConfigureAwait(false);
    }

    private static Channel<Call> NewChannel() => Channel.CreateUnbounded<Call>(new UnboundedChannelOptions { SingleReader = true });

    private static TaskCompletionSource CreateSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static void RequireLength(ReadOnlyMemory<byte> body)
    {
        if (body.Length > LargestMessage) throw new ArgumentException($"The message has {body.Length:N0} bytes, but at most {LargestMessage:N0} are possible.", nameof(body));
    }

    private void DropDeliveries()
    {
        for (int i = 0; i < _consumers.Length; i++) Cluster.Queues[i].Remove(_consumers[i]);
    }

    private bool TryReply(byte[] body)
    {
        lock (_gate)
        {
            if (_state == ClusterConnectionState.Closed) return false;
            if (_state == ClusterConnectionState.Interrupted)
            {
                if (!_member.KeepsReplies) return false;
                _kept.Add(body);
                return true;
            }

            EnqueueReply(body);
            return true;
        }
    }

    private void EnqueueReply(byte[] body) => _replies.Writer.TryWrite(new Call(receiver => receiver.OnReply(body)));

    private void ReceiveBroadcast(byte[] body)
    {
        if (State == ClusterConnectionState.Connected) _broadcasts.Writer.TryWrite(new Call(receiver => receiver.OnBroadcast(body)));
    }

    private void Announce(ClusterConnectionState state, Exception? cause) =>
        _broadcasts.Writer.TryWrite(new Call(receiver => receiver.OnStateChanged(state, cause), IsLast: state == ClusterConnectionState.Closed));

    private async ValueTask WhenConnectedAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        while (true)
        {
            Task restored;
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_state == ClusterConnectionState.Closed, this);
                if (_state == ClusterConnectionState.Connected) return;
                restored = _restored.Task;
            }

            await restored.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task PumpAsync(ChannelReader<Call> calls)
    {
        await foreach (var call in calls.ReadAllAsync().ConfigureAwait(false))
        {
            if (Source.NextDelay() is { Ticks: > 0 } delay) await Task.Delay(delay, Source.Time).ConfigureAwait(false);
            if (call.IsLast || State != ClusterConnectionState.Closed) call.Run(_receiver);
        }
    }

    /// <summary>A call of the receiver.</summary>
    /// <param name="Run">Makes the call.</param>
    /// <param name="IsLast">Whether it is made although the connection is closed.</param>
    private readonly record struct Call(Action<ClusterReceiver> Run, bool IsLast = false);
}
