namespace Samovar.Ipc.Queues;

/// <summary>The counts of a queue, over all processes.</summary>
/// <param name="Put">How many items were put.</param>
/// <param name="GivenOut">How many items have left the queue.</param>
/// <param name="Dropped">How many items were dropped because the queue was full.</param>
/// <param name="Lost">How many items could not be delivered.</param>
internal readonly record struct QueueCounts(long Put, long GivenOut, long Dropped, long Lost)
{
    public long Waiting => Math.Max(0, Put - GivenOut);
}
