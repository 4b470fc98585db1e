using Samovar.Tasks.Core;

namespace Samovar;

/// <summary>The exception that is thrown when an operation needs an event loop and its caller does not run on one: it never did, or it left the loop
/// by <c>ConfigureAwait(false)</c>.</summary>
/// <remarks>Repeating the call cannot succeed, so a task that fails with this exception is not retried unless <see cref="RetryPolicy.RetryOn"/>
/// includes it.</remarks>
public sealed class NoEventLoopException : InvalidOperationException, IUnrepeatable
{
    /// <summary>Initializes the exception with a default message.</summary>
    public NoEventLoopException()
        : this("The operation needs an event loop, and this code does not run on one.")
    {
    }

    /// <summary>Initializes the exception with a message.</summary>
    /// <param name="message">The message.</param>
    public NoEventLoopException(string message)
        : base(message)
    {
    }

    /// <summary>Initializes the exception with a message and a cause.</summary>
    /// <param name="message">The message.</param>
    /// <param name="innerException">The cause.</param>
    public NoEventLoopException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
