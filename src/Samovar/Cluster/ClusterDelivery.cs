namespace Samovar;

/// <summary>A message from a task queue, which belongs to this connection until it is settled by one of the three methods.</summary>
/// <remarks>Thread-safe. The methods return at once; the transport passes their effect on to the broker soon. Only the first call has an effect, and
/// none has one after the connection was interrupted, because then the message goes to another member (or to this one again).</remarks>
public abstract class ClusterDelivery
{
    /// <summary>Gets the message.</summary>
    public abstract ReadOnlyMemory<byte> Body { get; }

    /// <summary>Gets the queue from which the message came.</summary>
    public abstract TaskPriority Priority { get; }

    /// <summary>Gets how often the message was delivered before, as far as the broker knows.</summary>
    public abstract int PreviousDeliveries { get; }

    /// <summary>Gets whether the connection was interrupted since the delivery, so that the message goes to another member.</summary>
    public abstract bool IsLost { get; }

    /// <summary>Removes the message from its queue: it was processed.</summary>
    public abstract void Acknowledge();

    /// <summary>Puts the message back, for any member to receive. This may count as a delivery.</summary>
    public abstract void Return();

    /// <summary>Moves the message to the queue of dead letters.</summary>
    /// <param name="reason">The reason, for an operator.</param>
    public abstract void DeadLetter(string reason);
}
