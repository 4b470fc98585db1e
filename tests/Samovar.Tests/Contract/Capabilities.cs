namespace Samovar.Tests.Contract;

/// <summary>What an executor can do beyond what all can; a promise may need some of it.</summary>
[Flags]
public enum Capabilities
{
    None = 0,

    /// <summary>Submit returns before the task completes: tasks queue, run concurrently with the caller, and can be cancelled by it.</summary>
    RunsBesideCaller = 1,

    /// <summary>Tasks run in the caller's process and use its objects, not copies.</summary>
    SharesMemory = 2,

    /// <summary>A task that ignores its token is killed.</summary>
    CanKillRunningWork = 4,

    /// <summary>A task that ignores its token is abandoned after the grace, and its worker continues or is replaced.</summary>
    GivesUpStuckWork = 8,

    /// <summary>As many tasks can block at once as there are workers.</summary>
    RunsSeveralAtOnce = 16,

    /// <summary>While a task blocks for another task of its own executor, another thread runs that one.</summary>
    LendsWorkers = 32,

    /// <summary>The executor has resources of its own, which are visible in its statistics.</summary>
    HasResources = 128,

    /// <summary>An object can live on a worker, as an actor.</summary>
    HostsActors = 64,

    /// <summary>Its workers exit, and are not killed, when it shuts down; those of a cluster belong to nodes.</summary>
    StopsItsWorkers = 256,

    /// <summary>Its options have a hook that its workers run when they exit.</summary>
    RunsExitHooks = 512,

    /// <summary>A task can capture an actor and call it.</summary>
    CapturesActors = 1024,
}
