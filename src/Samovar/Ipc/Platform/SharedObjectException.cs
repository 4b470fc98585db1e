namespace Samovar.Ipc;

/// <summary>The exception that is thrown when a shared object cannot be created or opened. <see cref="Fault"/> is the reason.</summary>
public sealed class SharedObjectException : IOException
{
    /// <summary>Initializes the exception with a reason and a message.</summary>
    /// <param name="fault">The reason.</param>
    /// <param name="message">What happened to which object, and what to do.</param>
    /// <param name="innerException">The cause; null, the default, for none.</param>
    public SharedObjectException(SharedObjectFault fault, string message, Exception? innerException = null)
        : base(message, innerException) => Fault = fault;

    /// <summary>Initializes the exception for a refusal by the operating system.</summary>
    /// <param name="message">What happened, and what to do.</param>
    /// <param name="innerException">The cause.</param>
    public SharedObjectException(string message, Exception innerException)
        : this(SharedObjectFault.Refused, message, innerException)
    {
    }

    /// <inheritdoc cref="SharedObjectException(string, Exception)"/>
    public SharedObjectException(string message)
        : this(SharedObjectFault.Refused, message)
    {
    }

    /// <summary>Initializes the exception with a default message.</summary>
    public SharedObjectException()
        : this("A shared object could not be created or opened.")
    {
    }

    /// <summary>Gets the reason.</summary>
    public SharedObjectFault Fault { get; }
}
