namespace Samovar.Stress.Cluster.Simulation;

/// <summary>A message that a consumer holds. Its settlement travels to the broker, and is lost with the session.</summary>
internal sealed class SimulatedDelivery(SimulatedBroker broker, SimulatedQueue queue, SimulatedConsumer consumer, byte[] body, int previous, long order) : ClusterDelivery
{
    private readonly int _session = consumer.Connection.Session;
    private bool _isSettled;

    public SimulatedConsumer Consumer => consumer;

    /// <summary>The position in the order of deliveries of the queue.</summary>
    public long Order => order;

    public byte[] Content => body;

    public override ReadOnlyMemory<byte> Body => body;

    public override TaskPriority Priority => queue.Priority;

    public override int PreviousDeliveries => previous;

    public override bool IsLost => _session != consumer.Connection.Session || consumer.Connection.State is ClusterConnectionState.Interrupted or ClusterConnectionState.Closed;

    public override void Acknowledge() => Settle(returns: false);

    public override void Return() => Settle(returns: true);

    public override void DeadLetter(string reason)
    {
        broker.Dead++;
        Settle(returns: false);
    }

    private void Settle(bool returns)
    {
        if (_isSettled || IsLost) return;
        _isSettled = true;
        consumer.Connection.Tell(() => queue.Settle(this, returns));
    }
}
