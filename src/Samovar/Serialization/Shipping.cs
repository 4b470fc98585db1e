using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Samovar.Primitives;

namespace Samovar.Serialization;

/// <summary>Serializes single values without a connection: each message contains the definitions that it needs.</summary>
/// <remarks>
/// Use it to store values for the same build of a program, or with a message broker. Between two processes that exchange many messages, a
/// <see cref="ShippingWriter"/> and a <see cref="ShippingReader"/> produce smaller messages and are many times faster. Safe for any thread.
/// </remarks>
[RequiresDynamicCode(CodeRequirements.Dynamic)]
public static class Shipping
{
    /// <summary>Writes a value together with the definitions that it needs.</summary>
    /// <param name="value">The value to write. No other thread may change it during the call.</param>
    /// <param name="options">The limits and codecs; null for the defaults.</param>
    /// <param name="connector">The channel that keeps live values connected; null to refuse messages with live values.</param>
    /// <typeparam name="T">The type of the root; <see cref="Unpack{T}"/> must be called with the same type.</typeparam>
    /// <returns>The message, for <see cref="Unpack{T}"/>.</returns>
    /// <exception cref="UnshippableException">Something in the value cannot travel; the message names the member.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="PlatformNotSupportedException">The program is set up for ahead-of-time compilation, or was
    /// trimmed without the build targets of the package.</exception>
    /// <example>
    /// <code>
    /// byte[] packed = Shipping.Pack(new Dictionary&lt;string, int> { ["tea"] = 3, ["cake"] = 2 });
    /// Dictionary&lt;string, int> copy = Shipping.Unpack&lt;Dictionary&lt;string, int>>(packed);
    /// </code>
    /// </example>
    public static byte[] Pack<T>(T value, ShippingOptions? options = null, LiveConnector? connector = null)
    {
        var writer = new ShippingWriter(options);
        using var body = writer.Prepare(value, connector);
        var output = new ArrayBufferWriter<byte>(body.Length + 64);
        writer.WriteDefinitions(0, body.DefinitionsNeeded == 0 ? 0 : writer.DefinitionCount, output);
        body.CopyTo(output);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Reads a value that <see cref="Pack{T}"/> wrote.</summary>
    /// <param name="packed">Exactly the bytes that <see cref="Pack{T}"/> returned.</param>
    /// <param name="options">The limits and codecs, equal to the writer's; null for the defaults.</param>
    /// <param name="connector">The channel that connects live values; null to refuse messages with live values.</param>
    /// <typeparam name="T">The type of the root; the same as in the call to <see cref="Pack{T}"/>.</typeparam>
    /// <returns>The value.</returns>
    /// <exception cref="ShippingFormatException">The bytes are damaged, or exceed a limit of the options.</exception>
    /// <exception cref="BuildMismatchException">The bytes were written by another build of an assembly.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="PlatformNotSupportedException">The program is set up for ahead-of-time compilation, or was
    /// trimmed without the build targets of the package.</exception>
    public static T Unpack<T>(ReadOnlySpan<byte> packed, ShippingOptions? options = null, LiveConnector? connector = null)
    {
        var reader = new ShippingReader(options);
        int definitions = reader.ReadDefinitions(packed);
        return reader.Read<T>(packed[definitions..], connector);
    }
}
