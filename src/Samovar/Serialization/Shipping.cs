using System.Buffers;

namespace Samovar.Serialization;

/// <summary>Ships single values without a connection: each message carries the definitions it needs.</summary>
/// <remarks>
/// For storage within one build and for brokers. Between two processes that talk all the time, a <see cref="ShippingWriter"/> and a
/// <see cref="ShippingReader"/> are smaller and many times faster.
/// </remarks>
public static class Shipping
{
    /// <summary>Writes a value with its definitions.</summary>
    /// <param name="value">The value.</param>
    /// <param name="options">Limits and codecs; null for the defaults.</param>
    /// <param name="connector">Where live values stay connected through; null refuses messages that hold any.</param>
    /// <typeparam name="T">Type of the root; read with the same.</typeparam>
    /// <exception cref="UnshippableException">Something in the value cannot travel; the message names the member.</exception>
    public static byte[] Pack<T>(T value, ShippingOptions? options = null, LiveConnector? connector = null)
    {
        var writer = new ShippingWriter(options);
        using var body = writer.Prepare(value, connector);
        var output = new ArrayBufferWriter<byte>(body.Length + 64);
        writer.WriteDefinitions(0, body.DefinitionsNeeded == 0 ? 0 : writer.DefinitionCount, output);
        body.CopyTo(output);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Reads what <see cref="Pack{T}"/> wrote.</summary>
    /// <param name="packed">Exactly the bytes.</param>
    /// <param name="options">Limits and codecs, equal to the writer's; null for the defaults.</param>
    /// <param name="connector">Where live values are connected through; null refuses messages that hold any.</param>
    /// <typeparam name="T">Type of the root, the same with which it was written.</typeparam>
    /// <exception cref="ShippingFormatException">The bytes are damaged.</exception>
    /// <exception cref="BuildMismatchException">They were written by another build of an assembly.</exception>
    public static T Unpack<T>(ReadOnlySpan<byte> packed, ShippingOptions? options = null, LiveConnector? connector = null)
    {
        var reader = new ShippingReader(options);
        int definitions = reader.ReadDefinitions(packed);
        return reader.Read<T>(packed[definitions..], connector);
    }
}
