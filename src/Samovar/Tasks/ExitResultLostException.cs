namespace Samovar;

/// <summary>The error of a worker that exited without a result of its exit hook: it was killed, it crashed, or the hook exceeded the time limit.</summary>
public sealed class ExitResultLostException : Exception
{
    /// <summary>Initializes an exception with a message.</summary>
    /// <param name="message">The message that describes the error.</param>
    public ExitResultLostException(string message)
        : base(message)
    {
    }

    /// <summary>Initializes an exception with a message and its cause.</summary>
    /// <param name="message">The message that describes the error.</param>
    /// <param name="innerException">The cause, for a worker process its <see cref="WorkerCrashedException"/>; null for none.</param>
    public ExitResultLostException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Initializes an exception with a default message.</summary>
    public ExitResultLostException()
        : base("A worker exited without a result of its exit hook.")
    {
    }
}
