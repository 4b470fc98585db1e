namespace Samovar;

/// <summary>The exception that is thrown when a loop cannot make progress: its main work has not completed, no callback is ready, no timer is armed,
/// and no tracked work is pending elsewhere. The message lists each task and what it waits for.</summary>
public sealed class LoopDeadlockException : InvalidOperationException
{
    /// <summary>Initializes the exception with a default message.</summary>
    public LoopDeadlockException()
        : this("The event loop is deadlocked: no callback is ready, no timer is armed, and no work is pending elsewhere.")
    {
    }

    /// <summary>Initializes the exception with a message.</summary>
    /// <param name="message">The message, which lists each task and what it waits for.</param>
    public LoopDeadlockException(string message)
        : base(message)
    {
    }

    /// <summary>Initializes the exception with a message and a cause.</summary>
    /// <param name="message">The message, which lists each task and what it waits for.</param>
    /// <param name="innerException">The cause.</param>
    public LoopDeadlockException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
