using System.Buffers;

namespace Samovar.Serialization;

/// <summary>Base of <see cref="PayloadCodec{T}"/> and <see cref="LiveCodec{T}"/>: how one type is carried instead of field by field.</summary>
/// <remarks>One instance serves all threads at once.</remarks>
public abstract class PayloadCodec
{
    private protected PayloadCodec()
    {
    }

    /// <summary>The type that this codec carries.</summary>
    public abstract Type Type { get; }

    /// <summary>Writes one value; <paramref name="connector"/> is null where the message carries no live values.</summary>
    internal abstract void WriteBoxed(object value, IBufferWriter<byte> output, LiveConnector? connector);

    /// <summary>Reads one value; null is an error of the codec.</summary>
    internal abstract object? ReadBoxed(ReadOnlySpan<byte> payload, LiveConnector? connector);
}

/// <summary>Puts a format of your own (protobuf, JSON, hand-written) in the place of the graph serializer for one type.</summary>
/// <remarks>
/// Give the type a <see cref="ShipWithAttribute"/>, or add an instance to <see cref="ShippingOptions.Codecs"/> on both sides.
/// Within one message a carried object keeps its identity. One instance serves all threads at once.
/// </remarks>
/// <typeparam name="T">The type that is carried.</typeparam>
public abstract class PayloadCodec<T> : PayloadCodec
    where T : notnull
{
    /// <inheritdoc/>
    public sealed override Type Type => typeof(T);

    /// <summary>Writes a value. What is thrown here refuses the message, with <see cref="UnshippableException"/>; <see cref="OutOfMemoryException"/>
    /// passes as itself.</summary>
    /// <param name="value">The value, never null.</param>
    /// <param name="output">Takes the bytes; the length is added around them.</param>
    public abstract void Write(T value, IBufferWriter<byte> output);

    /// <summary>Reads a value back. What is thrown here arrives as <see cref="ShippingFormatException"/>; <see cref="OutOfMemoryException"/>
    /// passes as itself.</summary>
    /// <param name="payload">Exactly the bytes written; may lie in shared memory, so nothing may keep a reference to it.</param>
    /// <returns>The value, not null.</returns>
    public abstract T Read(ReadOnlySpan<byte> payload);

    internal sealed override void WriteBoxed(object value, IBufferWriter<byte> output, LiveConnector? connector) => Write((T)value, output);

    internal sealed override object? ReadBoxed(ReadOnlySpan<byte> payload, LiveConnector? connector) => Read(payload);
}
