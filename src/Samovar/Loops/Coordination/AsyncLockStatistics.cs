namespace Samovar;

/// <summary>A snapshot of an <see cref="AsyncLock"/> or an <see cref="AsyncSemaphore"/>.</summary>
/// <param name="Available">How many could enter now: 0 or 1 for a lock.</param>
/// <param name="Waiting">How many wait to enter.</param>
/// <param name="Holder">The task that holds the lock, or the only place of a semaphore that was entered with a lease; null when it is free or the holder is not known.</param>
public sealed record AsyncLockStatistics(int Available, int Waiting, string? Holder);
