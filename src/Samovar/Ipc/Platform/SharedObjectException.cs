namespace Samovar.Ipc;

/// <summary>A shared object could not be made or opened; <see cref="Fault"/> says why.</summary>
public sealed class SharedObjectException : IOException
{
    /// <summary>Creates the error.</summary>
    /// <param name="fault">Why.</param>
    /// <param name="message">A text that names the object and the way out.</param>
    /// <param name="innerException">What revealed it.</param>
    public SharedObjectException(SharedObjectFault fault, string message, Exception? innerException = null)
        : base(message, innerException) => Fault = fault;

    /// <summary>Creates an error that the system is the cause of.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">What revealed it.</param>
    public SharedObjectException(string message, Exception innerException)
        : this(SharedObjectFault.Refused, message, innerException)
    {
    }

    /// <inheritdoc cref="SharedObjectException(string, Exception)"/>
    public SharedObjectException(string message)
        : this(SharedObjectFault.Refused, message)
    {
    }

    /// <summary>Creates an error with a general text.</summary>
    public SharedObjectException()
        : this("A shared object could not be made or opened.")
    {
    }

    /// <summary>Why.</summary>
    public SharedObjectFault Fault { get; }
}
