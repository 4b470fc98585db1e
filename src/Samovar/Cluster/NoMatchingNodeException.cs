namespace Samovar;

/// <summary>The exception that is thrown when no node of the cluster can run a task. The message says why the last one cannot: it cannot copy or start
/// the task's program, runs its own program only, or refuses the message because it is too old or the clocks of the machines differ.</summary>
public sealed class NoMatchingNodeException : Exception
{
    /// <summary>Initializes an exception with a default message.</summary>
    public NoMatchingNodeException()
        : base("No node of the cluster can run the task.")
    {
    }

    /// <summary>Initializes an exception with a message.</summary>
    /// <param name="message">The message: why, and what to do.</param>
    public NoMatchingNodeException(string message)
        : base(message)
    {
    }

    /// <summary>Initializes an exception with a message and its cause.</summary>
    /// <param name="message">The message: why, and what to do.</param>
    /// <param name="innerException">The cause; null for none.</param>
    public NoMatchingNodeException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
