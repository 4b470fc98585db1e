namespace Samovar.Cluster.Memory;

/// <summary>A message that a consumer holds.</summary>
internal sealed class MemoryDelivery(
    MemoryQueue queue, MemoryConsumer consumer, MemoryCluster cluster, TaskPriority priority, byte[] body, int previous, long order) : ClusterDelivery
{
    private bool _isLost;

    public MemoryConsumer Consumer => consumer;

    /// <summary>The position in the order of deliveries to the consumer.</summary>
    public long Order => order;

    public byte[] Content => body;

    public override ReadOnlyMemory<byte> Body => body;

    public override TaskPriority Priority => priority;

    public override int PreviousDeliveries => previous;

    public override bool IsLost => Volatile.Read(ref _isLost);

    /// <summary>Called under the lock of the queue.</summary>
    public void MarkLost() => Volatile.Write(ref _isLost, true);

    public override void Acknowledge() => queue.TrySettle(this, returns: false);

    public override void Return() => queue.TrySettle(this, returns: true);

    public override void DeadLetter(string reason)
    {
        if (!queue.TrySettle(this, returns: false)) return;
        cluster.AddDead(new ClusterDeadLetter(body, priority, reason) { Time = consumer.Connection.Source.Time.GetUtcNow(), Member = consumer.Connection.Member, Deliveries = previous + 1 });
    }
}
