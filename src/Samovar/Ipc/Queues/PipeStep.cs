namespace Samovar.Ipc.Queues;

/// <summary>The moments between which a process may die while an end of a pipe changes hands. Tests stop at each; nothing else looks at them.</summary>
internal enum PipeStep
{
    /// <summary>Sender: the end is on its way, and this process has its part still.</summary>
    Sent,

    /// <summary>Receiver: this process has its part, and the end is on its way still.</summary>
    Arrived,

    /// <summary>Something is given up, and nobody has looked whether the pipe ends by it.</summary>
    GivenUp,
}
