namespace Samovar.Testing;

/// <summary>The exception that is thrown when code reaches a checkpoint where it must not, or reaches none where it must: see
/// <see cref="LoopTesting"/>.</summary>
public sealed class CheckpointException : Exception
{
    /// <summary>Initializes the exception with a default message.</summary>
    public CheckpointException()
        : this("The code did not meet the test's expectation about checkpoints.")
    {
    }

    /// <summary>Initializes the exception with a message.</summary>
    /// <param name="message">The message.</param>
    public CheckpointException(string message)
        : base(message)
    {
    }

    /// <summary>Initializes the exception with a message and a cause.</summary>
    /// <param name="message">The message.</param>
    /// <param name="innerException">The cause.</param>
    public CheckpointException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
