namespace Samovar;

/// <summary>A snapshot of an <see cref="AsyncQueue{T}"/>.</summary>
/// <param name="Capacity">How many items the queue holds at most; null for no bound.</param>
/// <param name="Waiting">Items that wait to be taken.</param>
/// <param name="Unfinished">Items that were put and for which <see cref="AsyncQueue{T}.Done()"/> was not called yet.</param>
/// <param name="Putting">How many wait for room.</param>
/// <param name="Taking">How many wait for an item.</param>
/// <param name="IsCompleted">Whether the queue accepts no more items.</param>
public sealed record AsyncQueueStatistics(int? Capacity, int Waiting, long Unfinished, int Putting, int Taking, bool IsCompleted);
