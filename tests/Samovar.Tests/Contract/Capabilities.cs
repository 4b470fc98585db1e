namespace Samovar.Tests.Contract;

/// <summary>What an executor can do beyond what all can; a promise may need some of it.</summary>
[Flags]
public enum Capabilities
{
    None = 0,

    /// <summary>Submit returns before the work has ended: work queues, runs beside the caller, and can be cancelled by him.</summary>
    RunsBesideCaller = 1,

    /// <summary>Work runs in the caller's process and sees his objects, not copies.</summary>
    SharesMemory = 2,

    /// <summary>Work that ignores its token is ended by force.</summary>
    CanKillRunningWork = 4,

    /// <summary>Work that ignores its token is given up after the grace, and its worker goes on or is replaced.</summary>
    GivesUpStuckWork = 8,

    /// <summary>Tasks that block do so beside each other, as many as there are workers.</summary>
    RunsSeveralAtOnce = 16,

    /// <summary>While a task blocks for another of its own executor, that one is run by somebody else.</summary>
    LendsWorkers = 32,
}
