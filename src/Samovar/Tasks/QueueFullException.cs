namespace Samovar;

/// <summary>A bounded queue is full and was told to reject further work.</summary>
public sealed class QueueFullException : InvalidOperationException
{
    /// <summary>Creates the error.</summary>
    public QueueFullException(string executor, int capacity)
        : base($"The queue of '{executor}' is full: {capacity} tasks wait. Submit later, raise QueueCapacity, or let Submit wait (QueueFullMode.Wait).")
    {
        Executor = executor;
        Capacity = capacity;
    }

    /// <summary>The executor's name.</summary>
    public string Executor { get; }

    /// <summary>How many tasks may wait.</summary>
    public int Capacity { get; }
}
