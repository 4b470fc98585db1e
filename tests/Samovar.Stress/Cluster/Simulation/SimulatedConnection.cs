using System.Globalization;

namespace Samovar.Stress.Cluster.Simulation;

/// <summary>A connection to the simulated broker. Everything travels for a while, in order in each direction. What is not confirmed when the connection
/// fails is sent again when it is restored, and then may arrive twice.</summary>
internal sealed class SimulatedConnection : ClusterConnection
{
    private readonly SimulatedBroker _broker;
    private readonly VirtualTime _time;
    private readonly SimulatedHost _host;
    private readonly ClusterMember _member;
    private readonly ClusterReceiver _receiver;
    private readonly LinkedList<Call> _pending = new(); // calls without an answer, in order
    private readonly List<byte[]> _kept = []; // replies that wait for the connection
    private SimulatedConsumer[] _consumers = [];
    private ClusterConnectionState _state = ClusterConnectionState.Connected;
    private bool _isCut; // nothing passes
    private long _cutAt;
    private int _credit;
    private long _lastSent; // when the latest message of each direction arrives
    private long _lastAnswer;
    private long _lastReply;
    private long _lastDelivery;

    public SimulatedConnection(SimulatedBroker broker, SimulatedHost host, ClusterMember member, ClusterReceiver receiver, string address)
    {
        _broker = broker;
        _time = broker.Time;
        _host = host;
        _member = member;
        _receiver = receiver;
        Address = address;
        Number = int.Parse(address.AsSpan("box-".Length), CultureInfo.InvariantCulture);
    }

    public int Number { get; }

    public ClusterAudience Audience => _member.Audience;

    /// <summary>Counts the sessions: a message of one that has failed does not arrive.</summary>
    public int Session { get; private set; }

    public override string Address { get; }

    public override ClusterConnectionState State => _state;

    public override ClusterBroker Broker { get; } = new("simulation", 8 << 20);

    /// <summary>Completes when the broker knows the connection.</summary>
    public async Task<ClusterConnection> OpenAsync()
    {
        await CallAsync(() =>
        {
            Register();
            return true;
        }).ConfigureAwait(false);
        return this;
    }

    /// <summary>Cuts the connection. The broker and the member notice that at different times.</summary>
    /// <param name="brokerNotices">After what time the broker does.</param>
    /// <param name="memberNotices">After what time the member does.</param>
    /// <param name="restored">After what time the connection works again, not before both have noticed.</param>
    public void Interrupt(TimeSpan brokerNotices, TimeSpan memberNotices, TimeSpan restored)
    {
        if (_isCut || _state != ClusterConnectionState.Connected) return;
        _isCut = true;
        _cutAt = _time.Now;
        _time.At(_time.Now + brokerNotices.Ticks, null, Unregister);
        _time.At(_time.Now + memberNotices.Ticks, _host, () =>
        {
            if (_state == ClusterConnectionState.Closed) return;
            _state = ClusterConnectionState.Interrupted;
            _receiver.OnStateChanged(_state, new IOException("The simulation has cut the connection."));
        });
        _time.At(_time.Now + restored.Ticks, _host, Restore);
    }

    /// <summary>Ends the connection of a process that was killed, which the broker notices after a time.</summary>
    public void Kill(TimeSpan noticed, TimeSpan boxExpires)
    {
        _isCut = true;
        _time.At(_time.Now + noticed.Ticks, null, Unregister);
        _time.At(_time.Now + boxExpires.Ticks, null, () => _broker.Remove(this, keepsBox: false));
    }

    public override async ValueTask PublishAsync(TaskPriority priority, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
    {
        byte[] copy = body.ToArray();
        await CallAsync(() =>
        {
            _broker.Published++;
            _broker.Queues[(int)priority + 1].Put(copy);
            if (_broker.Faults.IsDuplicated()) _broker.Queues[(int)priority + 1].Put(copy);
            return true;
        }).ConfigureAwait(false);
    }

    public override async ValueTask SetCreditAsync(int credit, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_state == ClusterConnectionState.Closed, this);
        _credit = credit;
        if (_state != ClusterConnectionState.Connected) return;
        await CallAsync(() =>
        {
            for (int i = 0; i < _consumers.Length; i++) _broker.Queues[i].SetCredit(_consumers[i], credit);
            return true;
        }).ConfigureAwait(false);
    }

    public override async ValueTask<bool> SendAsync(string address, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
    {
        byte[] copy = body.ToArray();
        return await CallAsync(() =>
        {
            if (_broker.Find(address) is not { } box) return false;
            _broker.CountReply(copy);
            box.TakeReply(copy);
            if (_broker.Faults.IsDuplicated()) box.TakeReply(copy);
            return true;
        }).ConfigureAwait(false);
    }

    public override async ValueTask BroadcastAsync(ClusterAudience audience, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
    {
        byte[] copy = body.ToArray();
        await CallAsync(() =>
        {
            _broker.Broadcast(audience, copy);
            return true;
        }).ConfigureAwait(false);
    }

    public override async Task PutBlobAsync(string key, Stream content, CancellationToken cancellationToken = default)
    {
        using var copy = new MemoryStream();
        await content.CopyToAsync(copy, cancellationToken).ConfigureAwait(false);
        await CallAsync(() => _broker.Blobs.TryAdd(key, copy.ToArray()) || true).ConfigureAwait(false);
    }

    public override async Task<Stream?> OpenBlobAsync(string key, CancellationToken cancellationToken = default)
    {
        await CallAsync(static () => true).ConfigureAwait(false);
        return _broker.Blobs.TryGetValue(key, out byte[]? content) ? new MemoryStream(content, writable: false) : null;
    }

    public override async Task DeleteBlobAsync(string key, CancellationToken cancellationToken = default) =>
        await CallAsync(() => _broker.Blobs.Remove(key, out _) || true).ConfigureAwait(false);

    /// <summary>Always throws: the simulated broker counts dead letters and keeps none.</summary>
    public override Task<int> ReviewDeadLettersAsync(
        Func<ClusterDeadLetter, DeadLetterAction> decide, int most = int.MaxValue, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("The simulated broker counts dead letters and keeps none.");

    public override async Task<ClusterQueueDepth> GetQueueDepthAsync(CancellationToken cancellationToken = default)
    {
        await CallAsync(static () => true).ConfigureAwait(false);
        return new ClusterQueueDepth(_broker.Queues[2].Waiting, _broker.Queues[1].Waiting, _broker.Queues[0].Waiting, _broker.Dead);
    }

    public override ValueTask DisposeAsync()
    {
        if (_state == ClusterConnectionState.Closed) return ValueTask.CompletedTask;
        _state = ClusterConnectionState.Closed;
        _isCut = true;
        _time.At(_time.Now + _broker.Faults.NextDelay(), null, () =>
        {
            Unregister();
            _broker.Remove(this, keepsBox: false);
        });
        foreach (var call in _pending.ToList()) call.Source.TrySetException(new ObjectDisposedException(_member.Name));
        _pending.Clear();
        _receiver.OnStateChanged(_state, null);
        return ValueTask.CompletedTask;
    }

    /// <summary>Called by a queue: the message travels to the member.</summary>
    public void Deliver(SimulatedDelivery delivery)
    {
        int session = Session;
        long due = 0;
        due = Travel(ref _lastDelivery, _host, () =>
        {
            if (IsReceived(session, due)) _receiver.OnDelivery(delivery);
        });
    }

    public void ReceiveBroadcast(byte[] body)
    {
        if (_isCut || _broker.Faults.IsLost()) return;
        if (_host.StoppedUntil <= _time.Now)
        {
            if (!_host.IsDead) _receiver.OnBroadcast(body);
            return;
        }

        int session = Session;
        _time.At(_host.StoppedUntil, _host, () =>
        {
            if (!_isCut && session == Session) _receiver.OnBroadcast(body);
        });
    }

    /// <summary>Sends something that has no answer, and is lost if the connection fails before it arrives.</summary>
    public void Tell(Action atBroker)
    {
        if (_isCut) return;
        int session = Session;
        Travel(ref _lastSent, null, () =>
        {
            if (!_isCut && session == Session) atBroker();
        });
    }

    private void TakeReply(byte[] body)
    {
        if (!_member.KeepsReplies && _broker.Faults.IsLost()) return;
        if (_isCut)
        {
            if (_member.KeepsReplies) _kept.Add(body);
            return;
        }

        int session = Session;
        long due = 0;
        due = Travel(ref _lastReply, _host, () =>
        {
            bool isWhole = !_isCut && session == Session;
            if (IsReceived(session, due)) _receiver.OnReply(body);
            if (!isWhole && _member.KeepsReplies && _state != ClusterConnectionState.Closed) TakeReply(body); // it was not acknowledged
        });
    }

    private Task<bool> CallAsync(Func<bool> atBroker)
    {
        if (_state == ClusterConnectionState.Closed) return Task.FromException<bool>(new ObjectDisposedException(_member.Name));
        var call = new Call(atBroker);
        call.Place = _pending.AddLast(call);
        Transmit(call);
        return call.Source.Task;
    }

    private void Transmit(Call call)
    {
        if (_isCut) return; // sent when the connection is restored
        int session = Session;
        Travel(ref _lastSent, null, () =>
        {
            if (_isCut || session != Session) return;
            bool answer = call.AtBroker();
            Travel(ref _lastAnswer, _host, () =>
            {
                if (_isCut || session != Session || call.Place.List is null) return;
                _pending.Remove(call.Place);
                call.Source.TrySetResult(answer);
            });
        });
    }

    private long Travel(ref long last, SimulatedHost? host, Action arrive)
    {
        last = Math.Max(last, _time.Now + _broker.Faults.NextDelay());
        _time.At(last, host, arrive);
        return last;
    }

    /// <summary>Whether the process reads what was due for it: a process that was stopped reads what its machine has received before the connection
    /// failed, although the broker delivers it again.</summary>
    private bool IsReceived(int session, long due) =>
        session == Session && (!_isCut || (_state == ClusterConnectionState.Connected && due < _cutAt && _host.StoppedUntil >= _cutAt));

    private void Register()
    {
        _consumers = [new(this), new(this), new(this)];
        _broker.Add(this);
    }

    private void Unregister()
    {
        for (int i = 0; i < _consumers.Length; i++) _broker.Queues[i].Remove(_consumers[i]);
        _broker.Remove(this, _member.KeepsReplies);
    }

    private void Restore()
    {
        if (_state != ClusterConnectionState.Interrupted) return;
        Unregister();
        Session++;
        _isCut = false;
        _state = ClusterConnectionState.Connected;
        Register();
        for (int i = 0; i < _consumers.Length; i++) _broker.Queues[i].SetCredit(_consumers[i], _credit);
        byte[][] kept = [.. _kept];
        _kept.Clear();
        foreach (byte[] reply in kept) TakeReply(reply);
        foreach (var call in _pending) Transmit(call);
        _receiver.OnStateChanged(_state, null);
    }

    private sealed class Call(Func<bool> atBroker)
    {
        public Func<bool> AtBroker => atBroker;

        public TaskCompletionSource<bool> Source { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public LinkedListNode<Call> Place { get; set; } = null!;
    }
}
