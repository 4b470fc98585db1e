namespace Samovar.Serialization;

/// <summary>The base class of the exceptions that are thrown when a value cannot be moved between processes.</summary>
/// <remarks>
/// Writing throws <see cref="UnshippableException"/>. Reading throws <see cref="ShippingFormatException"/> or
/// <see cref="BuildMismatchException"/>.
/// </remarks>
public class ShippingException : Exception
{
    /// <summary>Initializes the exception with a default message.</summary>
    public ShippingException()
    {
    }

    /// <summary>Initializes the exception with a message.</summary>
    /// <param name="message">The message: what happened, to which object, and what to do.</param>
    public ShippingException(string message)
        : base(message)
    {
    }

    /// <summary>Initializes the exception with a message and a cause.</summary>
    /// <param name="message">The message: what happened, to which object, and what to do.</param>
    /// <param name="innerException">The cause, or null.</param>
    public ShippingException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
