using Samovar.Ipc.Locks;

namespace Samovar.Ipc;

/// <summary>An immutable snapshot of a lock or semaphore between processes.</summary>
/// <remarks>The permits of a dead process count as held until another process has waited for the object and reclaimed them.</remarks>
public sealed record ProcessLockStatistics
{
    /// <summary>Gets the number of permits that can be acquired now; for a lock, 1 if it is free.</summary>
    public required int Available { get; init; }

    /// <summary>Gets the ids of the processes that hold permits.</summary>
    public required IReadOnlyList<int> Holders { get; init; }

    /// <summary>Gets the number of threads and asynchronous methods, in all processes, that wait.</summary>
    public required int Waiting { get; init; }

    /// <summary>Gets how often permits were abandoned: a process that held some died, or disposed the object without releasing them.</summary>
    public required int Abandonments { get; init; }

    internal static ProcessLockStatistics Of(SharedSemaphore semaphore) => new()
    {
        Available = (int)semaphore.Available,
        Holders = semaphore.Holders(),
        Waiting = semaphore.Waiting,
        Abandonments = semaphore.Abandonments,
    };
}
