namespace Samovar.Ipc.Queues;

/// <summary>What an end object has of its end. The first five stand in shared memory: bit 2n + 0 for the sender, 2n + 1 for the receiver.</summary>
internal enum PipePart
{
    /// <summary>It was used here.</summary>
    Used = 0,

    /// <summary>It stands for an end on its way, for which there was no place among the transits.</summary>
    OnItsWay = 1,

    /// <summary>It came with work, and was not used.</summary>
    Arrived = 2,

    /// <summary>It was made here, and neither used nor sent on.</summary>
    Made = 3,

    /// <summary>It was made here and sent on, and never used here.</summary>
    Lent = 4,

    /// <summary>It has none: the work that it came with is over.</summary>
    None = 5,

    /// <summary>It was closed.</summary>
    Closed = 6,
}
