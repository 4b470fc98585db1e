namespace Samovar;

/// <summary>A snapshot of an <see cref="AsyncLock"/> or an <see cref="AsyncSemaphore"/>.</summary>
/// <param name="Available">The number of callers that could enter now: 0 or 1 for a lock.</param>
/// <param name="Waiting">The number of waiters.</param>
/// <param name="Holder">The task that holds the lock, or the only permit of a semaphore that was entered with a lease. Null if it is free or its
/// holder is unknown.</param>
public sealed record AsyncLockStatistics(int Available, int Waiting, string? Holder);
