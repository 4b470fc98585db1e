namespace Samovar;

/// <summary>A snapshot of an <see cref="AsyncQueue{T}"/>.</summary>
/// <param name="Capacity">The maximum number of items; null for no limit.</param>
/// <param name="Waiting">The number of items in the queue.</param>
/// <param name="Unfinished">The number of items that were put and not yet reported by <see cref="AsyncQueue{T}.Done()"/>.</param>
/// <param name="Putting">The number of callers that wait for room.</param>
/// <param name="Taking">The number of callers that wait for an item.</param>
/// <param name="IsCompleted">Whether the queue accepts no more items.</param>
public sealed record AsyncQueueStatistics(int? Capacity, int Waiting, long Unfinished, int Putting, int Taking, bool IsCompleted);
