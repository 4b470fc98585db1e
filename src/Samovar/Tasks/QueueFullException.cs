namespace Samovar;

/// <summary>The exception that is thrown when work is submitted to a full bounded queue with <see cref="QueueFullMode.Reject"/>.</summary>
public sealed class QueueFullException : InvalidOperationException
{
    /// <summary>Initializes a new instance.</summary>
    /// <param name="executor">The executor's name.</param>
    /// <param name="capacity">The capacity of the queue, in tasks.</param>
    public QueueFullException(string executor, int capacity)
        : base(
            $"The queue of '{executor}' is full: {capacity} tasks are waiting. " +
            "Submit later, raise QueueCapacity, or let Submit wait (QueueFullMode.Wait).")
    {
        Executor = executor;
        Capacity = capacity;
    }

    /// <summary>Gets the executor's name.</summary>
    public string Executor { get; }

    /// <summary>Gets the capacity of the queue, in tasks.</summary>
    public int Capacity { get; }
}
