using System.Buffers;
using Samovar.Serialization.Wire;

namespace Samovar.Serialization;

/// <summary>Represents a message that is written but not yet copied to its destination. Its size is known, so that the caller can reserve
/// space for it.</summary>
/// <remarks>Use it on the thread that created it and copy it at once: large arrays are read only when the message is copied. Then dispose it,
/// because it holds the thread's writer.</remarks>
public readonly ref struct ShippedBody
{
    private readonly GraphWriter _writer;

    internal ShippedBody(GraphWriter writer) => _writer = writer;

    /// <summary>Gets the size of the message, in bytes.</summary>
    public int Length => checked((int)_writer.Length);

    /// <summary>Gets the number of definitions that the receiver needs to read the message.</summary>
    public int DefinitionsNeeded => _writer.DefinitionsNeeded;

    /// <summary>Copies the message to a span.</summary>
    /// <param name="destination">The span to copy to; at least <see cref="Length"/> bytes long.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is shorter than <see cref="Length"/>.</exception>
    public void CopyTo(Span<byte> destination)
    {
        if (destination.Length < Length)
            throw new ArgumentException($"The message needs {Length} bytes, but the destination has only {destination.Length}.", nameof(destination));
        _writer.CopyTo(destination);
    }

    /// <summary>Copies the message to a buffer writer.</summary>
    /// <param name="output">Receives the message as one contiguous block.</param>
    /// <exception cref="ArgumentNullException"><paramref name="output"/> is null.</exception>
    public void CopyTo(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        int length = Length;
        _writer.CopyTo(output.GetSpan(length));
        output.Advance(length);
    }

    /// <summary>Copies the message to a new array.</summary>
    /// <returns>An array of <see cref="Length"/> bytes.</returns>
    public byte[] ToArray()
    {
        var bytes = GC.AllocateUninitializedArray<byte>(Length);
        _writer.CopyTo(bytes);
        return bytes;
    }

    /// <summary>Gets the number of objects in the message.</summary>
    internal int ObjectCount => _writer.ObjectCount;

    /// <summary>Takes the table of the message's objects, for messages that continue this one. Call once, after the message is copied.</summary>
    /// <param name="all">true if those messages may refer to every object; false if only to the root.</param>
    internal IdentityTable TakeIdentities(bool all) => _writer.TakeIdentities(all);

    /// <summary>Closes the live ports that the message opened. Call this if the message will not be sent, and dispose it as well.</summary>
    public void Abandon() => _writer.RevokeExports();

    /// <summary>Releases the thread's writer. Call exactly once.</summary>
    public void Dispose() => _writer.Release();
}
