namespace Samovar.Cluster.Memory;

/// <summary>A connection as a consumer of one queue, whose lock guards it.</summary>
internal sealed class MemoryConsumer(MemoryConnection connection)
{
    private long _lastOrder;

    public MemoryConnection Connection => connection;

    public int Credit { get; set; }

    /// <summary>The deliveries that are not settled.</summary>
    public HashSet<MemoryDelivery> Held { get; } = [];

    /// <summary>Hands a message to the connection.</summary>
    public void Take(MemoryQueue queue, TaskPriority priority, byte[] body, int previous)
    {
        var delivery = new MemoryDelivery(queue, this, connection.Cluster, priority, body, previous, ++_lastOrder);
        Held.Add(delivery);
        connection.Receive(delivery);
    }
}
