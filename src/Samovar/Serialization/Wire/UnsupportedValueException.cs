namespace Samovar.Serialization.Wire;

/// <summary>Stops a write; <see cref="ShippingWriter"/> turns it into an <see cref="UnshippableException"/> with the member path.</summary>
internal sealed class UnsupportedValueException(object? culprit, string reason, Exception? cause = null) : Exception(reason, cause)
{
    /// <summary>The object that cannot travel; null if the message as a whole is at fault.</summary>
    public object? Culprit { get; } = culprit;
}
