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
}
