namespace Samovar.Ipc.Queues;

/// <summary>The points at which a process may die while an end of a pipe is transferred. Used by tests only.</summary>
internal enum PipeStep
{
    /// <summary>Sender: the end is in transit, and this process still has its part.</summary>
    Sent,

    /// <summary>Receiver: this process has its part, and the end is still in transit.</summary>
    Arrived,

    /// <summary>A part is dropped; the process has not checked whether the pipe ends.</summary>
    GivenUp,
}
