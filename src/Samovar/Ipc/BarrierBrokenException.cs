namespace Samovar;

/// <summary>The exception that is thrown when a barrier is broken: it was aborted or reset while participants waited, or, for a barrier between
/// processes, a participating process exited.</summary>
/// <remarks>Thrown by the barriers of an event loop and by <see cref="Ipc.ProcessBarrier"/>.</remarks>
public sealed class BarrierBrokenException : Exception
{
    /// <summary>Initializes the exception with a default message.</summary>
    public BarrierBrokenException()
        : this("The barrier is broken.")
    {
    }

    /// <summary>Initializes the exception with a message.</summary>
    /// <param name="message">What happened, and what to do about it.</param>
    public BarrierBrokenException(string message)
        : base(message)
    {
    }

    /// <summary>Initializes the exception with a message and the exception that caused it.</summary>
    /// <param name="message">What happened, and what to do about it.</param>
    /// <param name="innerException">The cause.</param>
    public BarrierBrokenException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
