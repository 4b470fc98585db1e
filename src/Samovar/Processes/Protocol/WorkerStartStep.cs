namespace Samovar.Processes.Protocol;

/// <summary>
/// How far a worker has come in starting; shown in shared memory, for the diagnosis of one that does not come up.
/// </summary>
internal enum WorkerStartStep
{
    /// <summary>
    /// The process was started; Samovar's entry point has not been reached. The runtime is loading, or fails to.
    /// </summary>
    Started = 0,

    /// <summary>It has opened its channel.</summary>
    ChannelOpened = 1,

    /// <summary>It will die with its parent.</summary>
    ParentWatched = 2,

    /// <summary>It has read what the parent wants of it.</summary>
    HelloRead = 3,

    /// <summary>Its modules are of the parent's build, and its body is loaded.</summary>
    ProgramLoaded = 4,

    /// <summary>It has answered.</summary>
    Ready = 5,
}
