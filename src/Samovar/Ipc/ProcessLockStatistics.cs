using Samovar.Ipc.Locks;

namespace Samovar.Ipc;

/// <summary>A lock or semaphore at one moment.</summary>
/// <remarks>A process that has died is counted until another has had to wait, and has given back what it left.</remarks>
public sealed record ProcessLockStatistics
{
    /// <summary>How many could enter now.</summary>
    public required int Available { get; init; }

    /// <summary>The ids of the processes that have entered.</summary>
    public required IReadOnlyList<int> Holders { get; init; }

    /// <summary>How many threads and asynchronous methods of all processes wait.</summary>
    public required int Waiting { get; init; }

    /// <summary>How often a process has died that had entered, or has let go of the object without leaving.</summary>
    public required int Abandonments { get; init; }

    internal static ProcessLockStatistics Of(SharedSemaphore semaphore) => new()
    {
        Available = (int)semaphore.Available,
        Holders = semaphore.Holders(),
        Waiting = semaphore.Waiting,
        Abandonments = semaphore.Abandonments,
    };
}
