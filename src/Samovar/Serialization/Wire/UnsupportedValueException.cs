namespace Samovar.Serialization.Wire;

/// <summary>Aborts a write; <see cref="ShippingWriter"/> converts it to an <see cref="UnshippableException"/> with the member path.</summary>
internal sealed class UnsupportedValueException(object? culprit, string reason, Exception? cause = null) : Exception(reason, cause)
{
    /// <summary>The object that cannot travel; null if the message as a whole is the cause.</summary>
    public object? Culprit { get; } = culprit;
}
