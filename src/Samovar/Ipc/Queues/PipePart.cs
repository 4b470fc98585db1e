namespace Samovar.Ipc.Queues;

/// <summary>The part that an end object has in its end of a pipe. The first five values are stored in shared memory: bit 2n + 0 for the sender, 2n +
/// 1 for the receiver.</summary>
internal enum PipePart
{
    /// <summary>The end was used in this process.</summary>
    Used = 0,

    /// <summary>Represents an end in transit for which there was no free transit entry.</summary>
    OnItsWay = 1,

    /// <summary>The end arrived with a task, and was not used.</summary>
    Arrived = 2,

    /// <summary>The end was created in this process, and neither used nor sent.</summary>
    Made = 3,

    /// <summary>The end was created in this process, sent, and never used here.</summary>
    Lent = 4,

    /// <summary>No part: the task with which the end arrived has completed.</summary>
    None = 5,

    /// <summary>The end was closed.</summary>
    Closed = 6,
}
