using System.Buffers;

namespace Samovar.Serialization;

/// <summary>Carries a type as a handle that is connected again on the other side, so that it arrives live instead of as a copy.</summary>
/// <remarks>
/// <see cref="System.Threading.CancellationToken"/> and <see cref="IProgress{T}"/> travel this way. Give a type of yours a
/// <see cref="ShipWithAttribute"/>, or add an instance to <see cref="ShippingOptions.Codecs"/>. One instance serves all threads at once.
/// </remarks>
/// <typeparam name="T">The type that is carried.</typeparam>
public abstract class LiveCodec<T> : PayloadCodec
    where T : notnull
{
    /// <inheritdoc/>
    public sealed override Type Type => typeof(T);

    /// <summary>Makes the value reachable for the other side and writes what that side needs to find it.</summary>
    /// <param name="value">The value, never null.</param>
    /// <param name="output">Takes the bytes; the length is added around them.</param>
    /// <param name="connector">Opens ports. Ports opened here are closed again if the message is refused.</param>
    public abstract void Export(T value, IBufferWriter<byte> output, LiveConnector connector);

    /// <summary>Connects to the value that the other side exported.</summary>
    /// <param name="payload">Exactly the bytes written; may lie in shared memory, so nothing may keep a reference to it.</param>
    /// <param name="connector">Connects to ports of the other side.</param>
    /// <returns>The value, not null.</returns>
    public abstract T Import(ReadOnlySpan<byte> payload, LiveConnector connector);

    internal sealed override void WriteBoxed(object value, IBufferWriter<byte> output, LiveConnector? connector) =>
        Export((T)value, output, connector ?? throw new InvalidOperationException(LiveConnector.MissingOnWrite));

    internal sealed override object? ReadBoxed(ReadOnlySpan<byte> payload, LiveConnector? connector) =>
        Import(payload, connector ?? throw new InvalidOperationException(LiveConnector.MissingOnRead));
}
