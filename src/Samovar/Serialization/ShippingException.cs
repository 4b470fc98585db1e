namespace Samovar.Serialization;

/// <summary>Base of everything that can go wrong when a value crosses a process border.</summary>
/// <remarks>
/// <see cref="UnshippableException"/> is thrown where the value is written, <see cref="ShippingFormatException"/> and
/// <see cref="BuildMismatchException"/> where it is read.
/// </remarks>
public class ShippingException : Exception
{
    /// <summary>Creates the error with no message of its own.</summary>
    public ShippingException()
    {
    }

    /// <summary>Creates the error.</summary>
    /// <param name="message">What happened, to which thing, and the way out.</param>
    public ShippingException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the error with its cause.</summary>
    /// <param name="message">What happened, to which thing, and the way out.</param>
    /// <param name="innerException">The cause.</param>
    public ShippingException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
