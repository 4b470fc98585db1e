using System.Buffers;
using System.Runtime.InteropServices;
using Samovar.Serialization.Plans;
using Samovar.Serialization.Platform;
using Samovar.Serialization.Wire;

namespace Samovar.Serialization;

/// <summary>The receiving half of a connection.</summary>
/// <remarks>
/// Any number of threads may read at once; definitions are added by one at a time. Whatever the bytes are, reading ends in a value or in a
/// <see cref="ShippingException"/>, within time and memory in proportion to the message; where that memory is not there, or a codec asks for more, in
/// <see cref="OutOfMemoryException"/>, and the same message can be read again later. No constructor, setter or callback of a user's type
/// runs, with four exceptions: codecs; <c>GetHashCode</c> and <c>Equals</c> of keys and comparers of hash tables; comparisons of sorted
/// immutable collections; static constructors of types that appear.
/// </remarks>
public sealed unsafe class ShippingReader
{
    [ThreadStatic]
    private static GraphReader? t_spare;

    private readonly DefinitionReader _definitions;
    private readonly ShippingOptions _options;

    /// <summary>Creates the receiving half.</summary>
    /// <param name="options">Limits and codecs, equal to the sender's; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="PlatformNotSupportedException">The program is set up for compilation ahead of time, or was trimmed as a whole.</exception>
    public ShippingReader(ShippingOptions? options = null)
    {
        WholeProgram.Require();
        _options = options ?? ShippingOptions.Default;
        _options.Validate();
        _definitions = new DefinitionReader(StandardPlans.For(_options), _options);
    }

    /// <summary>How many definitions were read so far.</summary>
    public int DefinitionCount => _definitions.Count;

    /// <summary>Reads a block of definitions; those known already are skipped.</summary>
    /// <param name="block">What <see cref="ShippingWriter.WriteDefinitions"/> wrote; bytes behind it are left alone.</param>
    /// <returns>How many bytes the block took.</returns>
    /// <exception cref="ShippingFormatException">The block is damaged, or definitions before it are missing.</exception>
    /// <exception cref="BuildMismatchException">The sender runs another build of an assembly.</exception>
    public int ReadDefinitions(ReadOnlySpan<byte> block) => _definitions.Read(block);

    /// <summary>Reads a value from a message that may lie in several pieces, which are joined first.</summary>
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
    /// <param name="message">Exactly one message. It may lie in shared memory; nothing of the value refers to it.</param>
    /// <param name="connector">Where live values are connected through; null refuses messages that hold any.</param>
    /// <typeparam name="T">Type of the root, the same with which it was written.</typeparam>
    /// <exception cref="ShippingFormatException">The message is damaged or beyond a limit.</exception>
    public T Read<T>(ReadOnlySpan<byte> message, LiveConnector? connector = null) => Read<T>(message, connector, [], KeptObjects.None, out _);

    /// <summary>Reads a message that may continue another, and be continued by others.</summary>
    /// <param name="message">Exactly one message.</param>
    /// <param name="connector">Where live values are connected through.</param>
    /// <param name="known">The objects of the message that it continues; empty for none.</param>
    /// <param name="wanted">Which of its own objects others may refer to.</param>
    /// <param name="objects">Those, by their numbers, the root first.</param>
    internal T Read<T>(ReadOnlySpan<byte> message, LiveConnector? connector, object[] known, KeptObjects wanted, out object[] objects)
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
                if (reader.Left > 0) throw reader.Bad($"{reader.Left:N0} bytes are left over");
                if (wanted != KeptObjects.None) objects = reader.TakeObjects(wanted == KeptObjects.All);
                return value;
            }
            catch (Exception e) when (e is not (ShippingException or OutOfMemoryException))
            {
                // Whatever a constructor, a hash code or a cast says about altered data is an error of the data. Exhausted memory says nothing
                // of the data and passes as itself.
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
