using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.InteropServices;
using Samovar.Primitives;
using Samovar.Serialization.Plans;
using Samovar.Serialization.Platform;
using Samovar.Serialization.Wire;

namespace Samovar.Serialization;

/// <summary>Reads values and delegates that a <see cref="ShippingWriter"/> wrote: the receiving half of a connection.</summary>
/// <remarks>
/// <para>Safe for any thread: messages are read concurrently, and one thread at a time adds definitions.</para>
/// <para>For any input, reading returns a value or throws a <see cref="ShippingException"/>, in time and memory proportional to the message.
/// If that memory is not available, or a codec allocates more than is available, reading throws <see cref="OutOfMemoryException"/>; the same
/// message can be read again later.</para>
/// <para>Reading runs no constructor, setter or callback of a user's type, with four exceptions: codecs; <c>GetHashCode</c> and <c>Equals</c>
/// of the keys and comparers of hash tables; comparisons of sorted immutable collections; static constructors of types that appear in the
/// message.</para>
/// </remarks>
[RequiresDynamicCode(CodeRequirements.Dynamic)]
[UnconditionalSuppressMessage("Trimming", "IL2026", Justification = CodeRequirements.KeptWhole)]
public sealed unsafe class ShippingReader
{
    [ThreadStatic]
    private static GraphReader? t_spare;

    private readonly DefinitionReader _definitions;
    private readonly ShippingOptions _options;

    /// <summary>Initializes the receiving half of a connection.</summary>
    /// <param name="options">The limits and codecs, equal to the sender's; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="PlatformNotSupportedException">The program is set up for ahead-of-time compilation, or was
    /// trimmed without the build targets of the package.</exception>
    public ShippingReader(ShippingOptions? options = null)
    {
        WholeProgram.Require();
        _options = options ?? ShippingOptions.Default;
        _options.Validate();
        _definitions = new DefinitionReader(StandardPlans.For(_options), _options);
    }

    /// <summary>Gets the number of definitions known so far, including those that both sides know from the start.</summary>
    public int DefinitionCount => _definitions.Count;

    /// <summary>Reads a block of definitions and skips those that are already known.</summary>
    /// <param name="block">The block that <see cref="ShippingWriter.WriteDefinitions"/> wrote. Bytes after the block are ignored.</param>
    /// <returns>The size of the block, in bytes.</returns>
    /// <exception cref="ShippingFormatException">The block is damaged, or definitions before it are missing.</exception>
    /// <remarks>If the sender runs another build of an assembly, only messages that use the affected definitions fail, with a
    /// <see cref="BuildMismatchException"/>.</remarks>
    public int ReadDefinitions(ReadOnlySpan<byte> block) => _definitions.Read(block);

    /// <summary>Reads a value from a message in several segments, which are joined first.</summary>
    /// <inheritdoc cref="Read{T}(ReadOnlySpan{byte}, LiveConnector?)"/>
    public T Read<T>(in ReadOnlySequence<byte> message, LiveConnector? connector = null)
    {
        if (message.IsSingleSegment) return Read<T>(message.FirstSpan, connector);
        CheckLength(message.Length);
        byte[] joined = ArrayPool<byte>.Shared.Rent((int)message.Length);
        try
        {
            message.CopyTo(joined);
            return Read<T>(joined.AsSpan(0, (int)message.Length), connector);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(joined);
        }
    }

    /// <summary>Reads a value.</summary>
    /// <param name="message">Exactly one message. It can be in shared memory; the value does not refer to it.</param>
    /// <param name="connector">The channel that connects live values; null to refuse messages with live values.</param>
    /// <typeparam name="T">The type of the root; the same as in the call that wrote the message.</typeparam>
    /// <returns>The value.</returns>
    /// <exception cref="ShippingFormatException">The message is damaged, or exceeds a limit of the options.</exception>
    /// <exception cref="BuildMismatchException">The message uses a type or method of an assembly of which the sender runs another build.</exception>
    public T Read<T>(ReadOnlySpan<byte> message, LiveConnector? connector = null) => Read<T>(message, connector, [], KeptObjects.None, out _);

    /// <summary>Reads a message that can continue an earlier one, and that later ones can continue.</summary>
    /// <param name="message">Exactly one message.</param>
    /// <param name="connector">The channel that connects live values.</param>
    /// <param name="known">The objects of the message that this one continues; empty for none.</param>
    /// <param name="wanted">Which objects of this message later ones may refer to.</param>
    /// <param name="objects">Those objects, indexed by their numbers; the root comes first.</param>
    internal T Read<T>(ReadOnlySpan<byte> message, LiveConnector? connector, object[] known, KeptObjects wanted, out object[] objects) =>
        Read<T>(message, connector, known, wanted, out objects, out _);

    /// <inheritdoc cref="Read{T}(ReadOnlySpan{byte}, LiveConnector?, object[], KeptObjects, out object[])"/>
    /// <param name="message">Exactly one message.</param>
    /// <param name="connector">The channel that connects live values.</param>
    /// <param name="known">The objects of the message that this one continues; empty for none.</param>
    /// <param name="wanted">Which objects of this message later ones may refer to.</param>
    /// <param name="objects">Those objects, indexed by their numbers; the root comes first.</param>
    /// <param name="method">The method of the first delegate in the message, which is much faster to get here than from the delegate; null if the
    /// message has none.</param>
    internal T Read<T>(ReadOnlySpan<byte> message, LiveConnector? connector, object[] known, KeptObjects wanted, out object[] objects, out MethodInfo? method)
    {
        CheckLength(message.Length);
        objects = [];
        var reader = t_spare ?? new GraphReader();
        t_spare = null;
        fixed (byte* start = &MemoryMarshal.GetReference(message))
        {
            byte none;
            reader.Begin(_definitions, _options, connector, start is null ? &none : start, message.Length, known);
            try
            {
                var value = reader.Plans.Slot<T>().Read(reader);
                reader.Drain();
                if (reader.Left > 0) throw reader.Bad($"{reader.Left:N0} bytes are left over after the end of the message");
                if (wanted != KeptObjects.None) objects = reader.TakeObjects(wanted == KeptObjects.All);
                method = reader.FirstDelegate?.Method;
                return value;
            }
            catch (Exception e) when (e is not (ShippingException or OutOfMemoryException))
            {
                // An exception of a constructor, a hash code or a cast over altered data is an error in the data. Exhausted memory is not, so an
                // OutOfMemoryException is passed on unchanged.
                throw reader.Bad($"The message cannot be read: {e.GetType().Name}: {e.Message}", e);
            }
            finally
            {
                reader.End();
                t_spare = reader;
            }
        }
    }

    private void CheckLength(long length)
    {
        if (length > _options.MaxBytes)
            throw new ShippingFormatException($"A message of {length:N0} bytes is longer than the limit of {_options.MaxBytes:N0}.");
    }
}
