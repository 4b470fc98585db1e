namespace Samovar;

/// <summary>The error of a task whose input was kept by a worker that has exited. The task never started.</summary>
public sealed class KeptResultLostException : Exception
{
    /// <summary>Initializes an exception with a message.</summary>
    /// <param name="message">The message that describes the error.</param>
    public KeptResultLostException(string message)
        : base(message)
    {
    }

    /// <summary>Initializes an exception with a message and its cause.</summary>
    /// <param name="message">The message that describes the error.</param>
    /// <param name="innerException">The cause; null for none.</param>
    public KeptResultLostException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Initializes an exception with a default message.</summary>
    public KeptResultLostException()
        : base("The worker that kept the result has exited.")
    {
    }

    /// <summary>Gets the worker that kept the result; null if it is not known.</summary>
    public WorkerIdentity? Worker { get; init; }

    /// <summary>Gets the id of the task that made the result; 0 if it is not known.</summary>
    public long TaskId { get; init; }
}
