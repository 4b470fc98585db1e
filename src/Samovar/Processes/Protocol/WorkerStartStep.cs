namespace Samovar.Processes.Protocol;

/// <summary>
/// The steps of a worker's start; stored in shared memory, for the diagnosis of a worker that does not become ready.
/// </summary>
internal enum WorkerStartStep
{
    /// <summary>
    /// The process was started and has not reached Samovar's entry point. The runtime is loading, or has failed to load.
    /// </summary>
    Started = 0,

    /// <summary>The worker has opened its channel.</summary>
    ChannelOpened = 1,

    /// <summary>The lifetime of the worker is bound to its parent.</summary>
    ParentWatched = 2,

    /// <summary>The worker has read the parent's first message.</summary>
    HelloRead = 3,

    /// <summary>The worker's modules are of the parent's build, and its program is loaded.</summary>
    ProgramLoaded = 4,

    /// <summary>The worker has reported that it is ready.</summary>
    Ready = 5,
}
