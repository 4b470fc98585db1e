namespace Samovar.Ipc.Queues;

/// <summary>The points at which a process may die while it uses a queue. Used by tests only.</summary>
internal enum QueueStep
{
    /// <summary>Producer: the ring is locked.</summary>
    Locked,

    /// <summary>Producer: a large item is in the file, and no slot refers to it.</summary>
    LargeWritten,

    /// <summary>Producer: the item is written and not published.</summary>
    Written,

    /// <summary>Producer: the item is published; the ring is locked.</summary>
    Published,

    /// <summary>Producer: the ring is unlocked; no waiter is woken.</summary>
    Unlocked,

    /// <summary>Consumer: the ring is claimed.</summary>
    Claimed,

    /// <summary>Consumer: the item is copied and not taken.</summary>
    Copied,

    /// <summary>Consumer: the item is taken; the ring is claimed.</summary>
    Taken,

    /// <summary>Consumer: the bytes of a large item are freed; producers may not write there yet.</summary>
    LargeFreed,

    /// <summary>Consumer: the claim is released; no waiter is woken.</summary>
    Released,

    /// <summary>Completing process: no other process can complete the queue, and the error is not written.</summary>
    Completing,
}
