namespace Samovar.Serialization;

/// <summary>The exception thrown when a message is truncated, altered or was written for another connection. No part of it was used.</summary>
public sealed class ShippingFormatException : ShippingException
{
    /// <summary>Initializes the exception.</summary>
    /// <param name="message">The description: what was found and what was expected.</param>
    /// <param name="offset">The position of the error, in bytes from the start of the message; −1 if unknown.</param>
    /// <param name="innerException">The exception that a constructor or codec threw because of the data, or null.</param>
    public ShippingFormatException(string message, long offset = -1, Exception? innerException = null)
        : base(offset < 0 ? message : $"{message} (at byte {offset} of the message)", innerException) => Offset = offset;

    /// <summary>Gets the position of the error, in bytes from the start of the message; −1 if unknown.</summary>
    public long Offset { get; }
}
