namespace Samovar.Ipc;

/// <summary>What a <see cref="ProcessQueue{T}"/> has done and is doing, at one moment. Immutable; the counts are read without stopping anybody,
/// so two of them may be an item apart.</summary>
public sealed record ProcessQueueStatistics
{
    /// <summary>How many items each process may have put that nobody has taken yet.</summary>
    public required int Capacity { get; init; }

    /// <summary>Items that wait to be taken.</summary>
    public required long Waiting { get; init; }

    /// <summary>Items that were put by all processes, since the queue was made.</summary>
    public required long Put { get; init; }

    /// <summary>Items that were taken.</summary>
    public required long Taken { get; init; }

    /// <summary>Items dropped because the queue was full and does not wait.</summary>
    public required long Dropped { get; init; }

    /// <summary>Items that could not be handed on because their producer, which held a part of them, has ended.</summary>
    public required long Lost { get; init; }

    /// <summary>Puts in the midst of which their process died: each lost one item, or what was left of one batch, at most.</summary>
    public required long AbortedWrites { get; init; }

    /// <summary>Items that a process had taken, and had not said to be done, when it closed the queue or died. Counted where the queue tracks what is
    /// done; elsewhere nobody knows.</summary>
    public required long Abandoned { get; init; }

    /// <summary>Processes that have the queue.</summary>
    public required int Processes { get; init; }

    /// <summary>Threads and asynchronous waits of this process that wait for an item or for room.</summary>
    public required int LocalWaiters { get; init; }

    /// <summary>Items put a second, since the last snapshot taken here, or since this process opened the queue.</summary>
    public required double PutRate { get; init; }

    /// <summary>Items taken a second, likewise.</summary>
    public required double TakeRate { get; init; }

    /// <summary>Whether the queue takes no more items.</summary>
    public required bool IsCompleted { get; init; }
}
