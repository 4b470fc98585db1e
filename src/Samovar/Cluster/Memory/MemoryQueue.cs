using System.Diagnostics;

namespace Samovar.Cluster.Memory;

/// <summary>A task queue: hands its messages to consumers that have credit, one after the other. Thread-safe.</summary>
internal sealed class MemoryQueue(TaskPriority priority)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<Stored> _waiting = new(); // gate
    private readonly List<MemoryConsumer> _consumers = []; // gate
    private int _next; // gate: the consumer that is tried first

    /// <summary>The number of messages that wait.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _waiting.Count;
        }
    }

    public void Put(ReadOnlyMemory<byte> body)
    {
        lock (_gate)
        {
            _waiting.AddLast(new Stored(body.ToArray(), 0));
            DispatchLocked();
        }
    }

    /// <summary>Sets the credit of a consumer; 0 for a consumer that receives no more.</summary>
    public void SetCredit(MemoryConsumer consumer, int credit)
    {
        lock (_gate)
        {
            consumer.Credit = credit;
            if (credit == 0) _consumers.Remove(consumer);
            else if (!_consumers.Contains(consumer)) _consumers.Add(consumer);
            DispatchLocked();
        }
    }

    /// <summary>Removes a consumer and puts back everything that it has not settled.</summary>
    public void Remove(MemoryConsumer consumer)
    {
        lock (_gate)
        {
            consumer.Credit = 0;
            _consumers.Remove(consumer);
            foreach (var delivery in consumer.Held.OrderByDescending(static delivery => delivery.Order))
            {
                delivery.MarkLost();
                _waiting.AddFirst(new Stored(delivery.Content, delivery.PreviousDeliveries + 1));
            }

            consumer.Held.Clear();
            DispatchLocked();
        }
    }

    /// <summary>Settles a delivery. Returns false if it was settled before, or lost.</summary>
    public bool TrySettle(MemoryDelivery delivery, bool returns)
    {
        lock (_gate)
        {
            if (!delivery.Consumer.Held.Remove(delivery)) return false;
            if (returns) _waiting.AddFirst(new Stored(delivery.Content, delivery.PreviousDeliveries + 1));
            DispatchLocked();
            return true;
        }
    }

    private void DispatchLocked()
    {
        while (_waiting.First is { } first && FindLocked() is { } consumer)
        {
            _waiting.RemoveFirst();
            consumer.Take(this, priority, first.Value.Body, first.Value.Deliveries);
        }

        CheckInvariantsLocked();
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_waiting.Count == 0 || _consumers.TrueForAll(static consumer => consumer.Held.Count >= consumer.Credit), "a message waits only while no consumer has credit");
        Debug.Assert(_consumers.TrueForAll(static consumer => consumer.Credit > 0), "a consumer without credit is not listed");
    }

    private MemoryConsumer? FindLocked()
    {
        for (int i = 0; i < _consumers.Count; i++)
        {
            var consumer = _consumers[(_next + i) % _consumers.Count];
            if (consumer.Held.Count >= consumer.Credit) continue;
            _next = (_next + i + 1) % _consumers.Count;
            return consumer;
        }

        return null;
    }

    private readonly record struct Stored(byte[] Body, int Deliveries);
}
