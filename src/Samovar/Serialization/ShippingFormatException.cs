namespace Samovar.Serialization;

/// <summary>A message is truncated, altered or was written for another connection; nothing of it was used.</summary>
public sealed class ShippingFormatException : ShippingException
{
    /// <summary>Creates the error.</summary>
    /// <param name="message">What was found and what was expected.</param>
    /// <param name="offset">Where in the message, in bytes from its start; −1 if that is not known.</param>
    /// <param name="innerException">The error that a constructor or codec raised about the data, if there was one.</param>
    public ShippingFormatException(string message, long offset = -1, Exception? innerException = null)
        : base(offset < 0 ? message : $"{message} (at byte {offset} of the message)", innerException) => Offset = offset;

    /// <summary>Where in the message, in bytes from its start; −1 if that is not known.</summary>
    public long Offset { get; }
}
