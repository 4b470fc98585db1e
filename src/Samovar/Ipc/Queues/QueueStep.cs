namespace Samovar.Ipc.Queues;

/// <summary>The moments between which a process may die at a queue. Tests stop at each; nothing else looks at them.</summary>
internal enum QueueStep
{
    /// <summary>Producer: the ring is locked.</summary>
    Locked,

    /// <summary>Producer: a large item lies in the file, and no slot leads there.</summary>
    LargeWritten,

    /// <summary>Producer: the item is written, not published.</summary>
    Written,

    /// <summary>Producer: the item is published, the ring locked.</summary>
    Published,

    /// <summary>Producer: the ring is unlocked, nobody is woken.</summary>
    Unlocked,

    /// <summary>Consumer: the ring is claimed.</summary>
    Claimed,

    /// <summary>Consumer: the item is copied, not taken.</summary>
    Copied,

    /// <summary>Consumer: the item is taken, the ring claimed.</summary>
    Taken,

    /// <summary>Consumer: the bytes of a large item are freed, and nobody may write there yet.</summary>
    LargeFreed,

    /// <summary>Consumer: the claim is given back, nobody is woken.</summary>
    Released,

    /// <summary>Whoever completes the queue: nobody else may, and the error is not written.</summary>
    Completing,
}
