namespace Samovar.Stress.Cluster.Simulation;

/// <summary>A task queue of the simulated broker.</summary>
internal sealed class SimulatedQueue(SimulatedBroker broker, TaskPriority priority)
{
    private readonly LinkedList<Stored> _waiting = new();
    private readonly Queue<SimulatedConsumer> _ready = new(); // those that had credit when they were added, each once
    private long _lastDelivery;

    public TaskPriority Priority => priority;

    /// <summary>How many messages wait, and how many consumers hold.</summary>
    public int Waiting => _waiting.Count;

    public int Held { get; private set; }

    public void Put(byte[] body)
    {
        _waiting.AddLast(new Stored(body, 0));
        Dispatch();
    }

    public void SetCredit(SimulatedConsumer consumer, int credit)
    {
        consumer.Credit = credit;
        Offer(consumer);
        Dispatch();
    }

    /// <summary>Removes a consumer and puts back what it holds.</summary>
    public void Remove(SimulatedConsumer consumer)
    {
        consumer.Credit = 0;
        foreach (var delivery in consumer.Held.OrderByDescending(static delivery => delivery.Order)) _waiting.AddFirst(new Stored(delivery.Content, delivery.PreviousDeliveries + 1));
        Held -= consumer.Held.Count;
        consumer.Held.Clear();
        Dispatch();
    }

    public void Settle(SimulatedDelivery delivery, bool returns)
    {
        if (!delivery.Consumer.Held.Remove(delivery)) return; // it was put back
        Held--;
        if (returns) _waiting.AddFirst(new Stored(delivery.Content, delivery.PreviousDeliveries + 1));
        Offer(delivery.Consumer);
        Dispatch();
    }

    private void Offer(SimulatedConsumer consumer)
    {
        if (consumer.IsReady || consumer.Held.Count >= consumer.Credit) return;
        consumer.IsReady = true;
        _ready.Enqueue(consumer);
    }

    private void Dispatch()
    {
        while (_waiting.First is { } first && _ready.TryDequeue(out var consumer))
        {
            consumer.IsReady = false;
            if (consumer.Held.Count >= consumer.Credit) continue;
            _waiting.RemoveFirst();
            var delivery = new SimulatedDelivery(broker, this, consumer, first.Value.Body, first.Value.Deliveries, ++_lastDelivery);
            consumer.Held.Add(delivery);
            Held++;
            broker.Deliveries++;
            consumer.Connection.Deliver(delivery);
            Offer(consumer);
        }
    }

    private readonly record struct Stored(byte[] Body, int Deliveries);
}

/// <summary>A session of a connection as a consumer of one queue.</summary>
internal sealed class SimulatedConsumer(SimulatedConnection connection)
{
    public SimulatedConnection Connection => connection;

    public int Credit { get; set; }

    /// <summary>Whether it is in the queue's list of consumers with credit.</summary>
    public bool IsReady { get; set; }

    public HashSet<SimulatedDelivery> Held { get; } = [];
}
