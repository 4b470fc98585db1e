namespace Samovar.Processes.Parent;

/// <summary>The state of a worker in its executor.</summary>
internal enum WorkerPhase
{
    /// <summary>The process exists; the worker has not reported that it is ready.</summary>
    Starting,

    /// <summary>The worker runs the initializer.</summary>
    Initializing,

    /// <summary>The worker receives tasks.</summary>
    Ready,

    /// <summary>The worker is kept ready to replace one that exits.</summary>
    Spare,

    /// <summary>The worker receives no more tasks, and exits when it has finished those that it has.</summary>
    Retiring,

    /// <summary>The worker was requested to exit.</summary>
    Ending,

    /// <summary>The worker has exited; its channel is unmapped.</summary>
    Gone,
}
