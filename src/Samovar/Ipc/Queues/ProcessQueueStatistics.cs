namespace Samovar.Ipc;

/// <summary>An immutable snapshot of a <see cref="ProcessQueue{T}"/>. The counts are read without stopping any process, so they may be inconsistent
/// by an item.</summary>
public sealed record ProcessQueueStatistics
{
    /// <summary>Gets how many items each process can have in the queue at once.</summary>
    public required int Capacity { get; init; }

    /// <summary>Gets the number of items that are waiting to be taken.</summary>
    public required long Waiting { get; init; }

    /// <summary>Gets the number of items that all processes have put since the queue was created.</summary>
    public required long Put { get; init; }

    /// <summary>Gets the number of items that were taken.</summary>
    public required long Taken { get; init; }

    /// <summary>Gets the number of items that were dropped because the queue was full and does not wait.</summary>
    public required long Dropped { get; init; }

    /// <summary>Gets the number of items that could not be delivered because they contained a shared object whose only holder, their producer, has
    /// exited.</summary>
    public required long Lost { get; init; }

    /// <summary>Gets how many puts were aborted by the death of their process. Each lost at most one item, or the rest of one batch.</summary>
    public required long AbortedWrites { get; init; }

    /// <summary>Gets the number of items that a process had taken, and not marked as done, when it closed the queue or died. Counted only if the
    /// queue tracks completion.</summary>
    public required long Abandoned { get; init; }

    /// <summary>Gets the number of processes that use the queue.</summary>
    public required int Processes { get; init; }

    /// <summary>Gets the number of threads and asynchronous methods in this process that wait for an item or for room.</summary>
    public required int LocalWaiters { get; init; }

    /// <summary>Gets the items put per second, since the previous snapshot taken in this process, or since this process opened the queue.</summary>
    public required double PutRate { get; init; }

    /// <summary>Gets the items taken per second, over the same time as <see cref="PutRate"/>.</summary>
    public required double TakeRate { get; init; }

    /// <summary>Gets whether the queue was completed, so that it accepts no more items.</summary>
    public required bool IsCompleted { get; init; }
}
