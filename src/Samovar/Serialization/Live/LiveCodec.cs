using System.Buffers;

namespace Samovar.Serialization;

/// <summary>Provides the base class for codecs that send a value as a handle, to which the other side connects, instead of as a copy.</summary>
/// <remarks>
/// <see cref="System.Threading.CancellationToken"/> and <see cref="IProgress{T}"/> are sent this way. Mark a type of your own with
/// <see cref="ShipWithAttribute"/>, or add an instance of the codec to <see cref="ShippingOptions.Codecs"/> on both sides. All threads use one
/// instance concurrently.
/// </remarks>
/// <typeparam name="T">The type that the codec serializes.</typeparam>
public abstract class LiveCodec<T> : PayloadCodec
    where T : notnull
{
    /// <inheritdoc/>
    public sealed override Type Type => typeof(T);

    /// <summary>Makes a value reachable for the other side, and writes the data that the other side needs to connect to it.</summary>
    /// <param name="value">The value; never null.</param>
    /// <param name="output">Receives the bytes. The serializer adds their length.</param>
    /// <param name="connector">Opens ports. Ports that this call opens are closed if the message is refused.</param>
    /// <remarks>If an override throws, the message is refused with an <see cref="UnshippableException"/>. An
    /// <see cref="OutOfMemoryException"/> is passed on unchanged.</remarks>
    public abstract void Export(T value, IBufferWriter<byte> output, LiveConnector connector);

    /// <summary>Connects to a value that the other side exported.</summary>
    /// <param name="payload">Exactly the bytes that <see cref="Export"/> wrote. They can be in shared memory, so do not keep a reference.</param>
    /// <param name="connector">Connects to ports of the other side.</param>
    /// <returns>The connected value; not null.</returns>
    /// <remarks>If an override throws, the read fails with a <see cref="ShippingFormatException"/>. A <see cref="ShippingException"/> or an
    /// <see cref="OutOfMemoryException"/> is passed on unchanged.</remarks>
    public abstract T Import(ReadOnlySpan<byte> payload, LiveConnector connector);

    internal sealed override void WriteBoxed(object value, IBufferWriter<byte> output, LiveConnector? connector) =>
        Export((T)value, output, connector ?? throw new InvalidOperationException(LiveConnector.MissingOnWrite));

    internal sealed override object? ReadBoxed(ReadOnlySpan<byte> payload, LiveConnector? connector) =>
        Import(payload, connector ?? throw new InvalidOperationException(LiveConnector.MissingOnRead));
}
