using System.Buffers;
using Samovar.Serialization.Wire;

namespace Samovar.Serialization;

/// <summary>A message that is written but not yet copied to where it goes; its size is known, so that room can be reserved.</summary>
/// <remarks>Use it on the thread that made it, at once, and dispose it: it holds the thread's writer.</remarks>
public readonly ref struct ShippedBody
{
    private readonly GraphWriter _writer;

    internal ShippedBody(GraphWriter writer) => _writer = writer;

    /// <summary>Size in bytes.</summary>
    public int Length => checked((int)_writer.Length);

    /// <summary>How many definitions the receiver needs to read it.</summary>
    public int DefinitionsNeeded => _writer.DefinitionsNeeded;

    /// <summary>Copies the message.</summary>
    /// <param name="destination">At least <see cref="Length"/> bytes.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    public void CopyTo(Span<byte> destination)
    {
        if (destination.Length < Length)
            throw new ArgumentException($"The message takes {Length} bytes, the destination has {destination.Length}.", nameof(destination));
        _writer.CopyTo(destination);
    }

    /// <summary>Copies the message.</summary>
    /// <param name="output">Takes it in one piece.</param>
    public void CopyTo(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        int length = Length;
        _writer.CopyTo(output.GetSpan(length));
        output.Advance(length);
    }

    /// <summary>The message in an array of its own.</summary>
    public byte[] ToArray()
    {
        var bytes = GC.AllocateUninitializedArray<byte>(Length);
        _writer.CopyTo(bytes);
        return bytes;
    }

    /// <summary>How many objects are in it.</summary>
    internal int ObjectCount => _writer.ObjectCount;

    /// <summary>The objects in it, for messages that continue it. Call once, when the message is copied.</summary>
    /// <param name="all">Whether those may refer to each of them; otherwise to the root alone.</param>
    internal IdentityTable TakeIdentities(bool all) => _writer.TakeIdentities(all);

    /// <summary>Gives up a message that will not be sent: closes the live ports it opened. Dispose it as well.</summary>
    public void Abandon() => _writer.RevokeExports();

    /// <summary>Gives the writer back. Call once.</summary>
    public void Dispose() => ShippingWriter.Release(_writer);
}
