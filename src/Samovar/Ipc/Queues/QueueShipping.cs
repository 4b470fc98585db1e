using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Samovar.Primitives;
using Samovar.Serialization;

namespace Samovar.Ipc.Queues;

/// <summary>Serializes messages that need no connection: each begins with the definitions that it uses. The definitions of one type in one process
/// are numbered identically, so they are written once and copied, and a reader that has seen the same bytes before does not read them
/// again.</summary>
[RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class QueueShipping<T>
{
    private const int ReadersKept = 8;

    /// <summary>The instance for all queues and pipes of one type of items.</summary>
    public static readonly QueueShipping<T> Shared = new();

    private readonly ShippingWriter _writer = new();
    private volatile Definitions? _written;
    private volatile Known[] _known = [];

    /// <summary>Writes the length of the definitions, the definitions, and the message.</summary>
    /// <param name="item">The item.</param>
    /// <param name="output">Receives the bytes.</param>
    /// <param name="connector">Holds the shared objects in the item; null to refuse items with shared objects.</param>
    public void Write(T item, IBufferWriter<byte> output, LiveConnector? connector)
    {
        using ShippedBody body = _writer.Prepare(item, connector);
        byte[] definitions = DefinitionsFor(body.DefinitionsNeeded);
        Span<byte> head = output.GetSpan(sizeof(int) + definitions.Length);
        BinaryPrimitives.WriteInt32LittleEndian(head, definitions.Length);
        definitions.CopyTo(head[sizeof(int)..]);
        output.Advance(sizeof(int) + definitions.Length);
        body.CopyTo(output);
    }

    /// <exception cref="ShippingException">The bytes are damaged, or name a type or member that does not exist in this process.</exception>
    public T Read(ReadOnlySpan<byte> message, LiveConnector? connector)
    {
        if (message.Length < sizeof(int) || BinaryPrimitives.ReadInt32LittleEndian(message) is var length && (length < 0 || length > message.Length - sizeof(int)))
            throw new ShippingFormatException($"An item of {message.Length} bytes is too short for the definitions that its header announces.");
        ReadOnlySpan<byte> rest = message[sizeof(int)..];
        return ReaderFor(rest[..length]).Read<T>(rest[length..], connector);
    }

    private byte[] DefinitionsFor(int needed)
    {
        if (needed == 0) return [];
        if (_written is { } written && written.Count == needed) return written.Bytes;
        var output = new ArrayBufferWriter<byte>();
        _writer.WriteDefinitions(0, needed, output);
        byte[] bytes = output.WrittenSpan.ToArray();
        _written = new Definitions(needed, bytes);
        return bytes;
    }

    private ShippingReader ReaderFor(ReadOnlySpan<byte> definitions)
    {
        Known[] known = _known;
        foreach (Known k in known)
        {
            if (definitions.SequenceEqual(k.Bytes)) return k.Reader;
        }

        var reader = new ShippingReader();
        if (!definitions.IsEmpty && reader.ReadDefinitions(definitions) != definitions.Length)
            throw new ShippingFormatException($"An item's definitions do not fill the {definitions.Length} bytes that its header announces.");
        _known = [new Known(definitions.ToArray(), reader), .. known.Take(ReadersKept - 1)];
        return reader;
    }

    private sealed record Definitions(int Count, byte[] Bytes);

    private sealed record Known(byte[] Bytes, ShippingReader Reader);
}
