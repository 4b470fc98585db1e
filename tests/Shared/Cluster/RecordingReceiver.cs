namespace Samovar.Tests.Cluster;

/// <summary>Keeps what arrives at a connection, and waits for it. Thread-safe.</summary>
internal sealed class RecordingReceiver : ClusterReceiver
{
    private readonly Lock _gate = new();
    private readonly List<ClusterDelivery> _deliveries = [];
    private readonly List<byte[]> _replies = [];
    private readonly List<byte[]> _broadcasts = [];
    private readonly List<(ClusterConnectionState State, Exception? Cause)> _states = [];

    /// <summary>Called with each delivery after it was noted.</summary>
    public Action<ClusterDelivery>? Delivered { get; init; }

    /// <summary>Called with each reply after it was noted.</summary>
    public Action<ReadOnlyMemory<byte>>? Replied { get; init; }

    public IReadOnlyList<ClusterDelivery> Deliveries => Snapshot(_deliveries);

    public IReadOnlyList<byte[]> Replies => Snapshot(_replies);

    public IReadOnlyList<byte[]> Broadcasts => Snapshot(_broadcasts);

    public IReadOnlyList<(ClusterConnectionState State, Exception? Cause)> States => Snapshot(_states);

    /// <summary>Waits until there are so many deliveries, and returns them.</summary>
    public async Task<IReadOnlyList<ClusterDelivery>> DeliveriesAsync(int count)
    {
        await TestTimeout.UntilAsync(() => Deliveries.Count >= count, $"{count} deliveries");
        return Deliveries;
    }

    public async Task<IReadOnlyList<byte[]>> RepliesAsync(int count)
    {
        await TestTimeout.UntilAsync(() => Replies.Count >= count, $"{count} replies");
        return Replies;
    }

    public async Task<IReadOnlyList<byte[]>> BroadcastsAsync(int count)
    {
        await TestTimeout.UntilAsync(() => Broadcasts.Count >= count, $"{count} broadcasts");
        return Broadcasts;
    }

    /// <summary>Waits until the connection has reported a state.</summary>
    public Task StateAsync(ClusterConnectionState state) => TestTimeout.UntilAsync(() => States.Any(change => change.State == state), $"the state {state}");

    public override void OnDelivery(ClusterDelivery delivery)
    {
        lock (_gate) _deliveries.Add(delivery);
        Delivered?.Invoke(delivery);
    }

    public override void OnReply(ReadOnlyMemory<byte> message)
    {
        lock (_gate) _replies.Add(message.ToArray());
        Replied?.Invoke(message);
    }

    public override void OnBroadcast(ReadOnlyMemory<byte> message)
    {
        lock (_gate) _broadcasts.Add(message.ToArray());
    }

    public override void OnStateChanged(ClusterConnectionState state, Exception? cause)
    {
        lock (_gate) _states.Add((state, cause));
    }

    private List<T> Snapshot<T>(List<T> list)
    {
        lock (_gate) return [.. list];
    }
}
