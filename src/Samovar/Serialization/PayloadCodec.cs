using System.Buffers;

namespace Samovar.Serialization;

/// <summary>Provides the base class of <see cref="PayloadCodec{T}"/> and <see cref="LiveCodec{T}"/>, which replace the field-by-field
/// serialization of one type.</summary>
/// <remarks>All threads use one instance concurrently.</remarks>
public abstract class PayloadCodec
{
    private protected PayloadCodec()
    {
    }

    /// <summary>Gets the type that this codec serializes.</summary>
    public abstract Type Type { get; }

    /// <summary>Writes one value; <paramref name="connector"/> is null if the message cannot carry live values.</summary>
    internal abstract void WriteBoxed(object value, IBufferWriter<byte> output, LiveConnector? connector);

    /// <summary>Reads one value; a null result is an error in the codec.</summary>
    internal abstract object? ReadBoxed(ReadOnlySpan<byte> payload, LiveConnector? connector);
}

/// <summary>Provides the base class for a custom format (protobuf, JSON, hand-written) that replaces the graph serializer for one type.</summary>
/// <remarks>
/// Mark the type with <see cref="ShipWithAttribute"/>, or add an instance to <see cref="ShippingOptions.Codecs"/> on both sides.
/// Within one message an object keeps its identity: two references to it arrive as two references to one object. All threads use one
/// instance concurrently.
/// </remarks>
/// <typeparam name="T">The type that the codec serializes.</typeparam>
/// <example>
/// <code>
/// [ShipWith(typeof(TemperatureCodec))]
/// public sealed record Temperature(double Celsius);
///
/// public sealed class TemperatureCodec : PayloadCodec&lt;Temperature>
/// {
///     public override void Write(Temperature value, IBufferWriter&lt;byte> output)
///     {
///         BinaryPrimitives.WriteDoubleLittleEndian(output.GetSpan(sizeof(double)), value.Celsius);
///         output.Advance(sizeof(double));
///     }
///
///     public override Temperature Read(ReadOnlySpan&lt;byte> payload) => new(BinaryPrimitives.ReadDoubleLittleEndian(payload));
/// }
/// </code>
/// </example>
public abstract class PayloadCodec<T> : PayloadCodec
    where T : notnull
{
    /// <inheritdoc/>
    public sealed override Type Type => typeof(T);

    /// <summary>Writes a value.</summary>
    /// <param name="value">The value; never null.</param>
    /// <param name="output">Receives the bytes. The serializer adds their length.</param>
    /// <remarks>If an override throws, the message is refused with an <see cref="UnshippableException"/>. An
    /// <see cref="OutOfMemoryException"/> is passed on unchanged.</remarks>
    public abstract void Write(T value, IBufferWriter<byte> output);

    /// <summary>Reads a value.</summary>
    /// <param name="payload">Exactly the bytes that <see cref="Write"/> wrote. They can be in shared memory, so do not keep a reference.</param>
    /// <returns>The value; not null.</returns>
    /// <remarks>If an override throws, the read fails with a <see cref="ShippingFormatException"/>. A <see cref="ShippingException"/> or an
    /// <see cref="OutOfMemoryException"/> is passed on unchanged.</remarks>
    public abstract T Read(ReadOnlySpan<byte> payload);

    internal sealed override void WriteBoxed(object value, IBufferWriter<byte> output, LiveConnector? connector) => Write((T)value, output);

    internal sealed override object? ReadBoxed(ReadOnlySpan<byte> payload, LiveConnector? connector) => Read(payload);
}
