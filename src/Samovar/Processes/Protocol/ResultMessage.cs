using Samovar.Executors.Mapping;
using Samovar.Ipc;
using Samovar.Ipc.Platform;
using Samovar.Processes.Worker;

namespace Samovar.Processes.Protocol;

/// <summary>What a task has brought, as a record: an <see cref="ResultHeader"/>, the body, and a <see cref="SharedHandle"/> for each shared object in
/// the body. The body is a message, or for the items of a batch an <see cref="ItemBlock"/>. This is its reader; <see cref="RecordWriter"/> writes it,
/// with a <see cref="MessageBody"/> or an <see cref="ItemBlockBody"/>.</summary>
/// <remarks>Used at once: the parts are in the record.</remarks>
internal readonly ref struct ResultMessage
{
    /// <summary>What became of the task.</summary>
    public readonly ResultHeader Header;

    private ResultMessage(scoped in ResultHeader header, ReadOnlySpan<byte> rest)
    {
        Header = header;
        Rest = rest;
        Body = Split(rest, header.SharedObjects);
    }

    /// <summary>The body and the handles behind it, as one piece.</summary>
    public ReadOnlySpan<byte> Rest { get; }

    /// <summary>The body alone.</summary>
    public ReadOnlySpan<byte> Body { get; }

    /// <summary>The handles of the shared objects in the body.</summary>
    public ReadOnlySpan<byte> Handles => Rest[Body.Length..];

    /// <summary>Whether the body is the error with which the work ended.</summary>
    public bool IsError => (Header.Flags & ResultFlags.IsError) != ResultFlags.None;

    /// <summary>Reads a record; false where it is too short for a header.</summary>
    /// <exception cref="ChannelCorruptedException">It has no room for the handles that it announces.</exception>
    public static bool TryRead(ReadOnlySpan<byte> record, out ResultMessage message)
    {
        if (RecordHeaders.TryRead(record, out ResultHeader header, out var rest))
        {
            message = new ResultMessage(header, rest);
            return true;
        }

        message = default;
        return false;
    }

    /// <summary>What follows a header, without the handles at its end.</summary>
    /// <exception cref="ChannelCorruptedException">It has no room for so many.</exception>
    public static ReadOnlySpan<byte> Split(ReadOnlySpan<byte> rest, int sharedObjects) =>
        (uint)sharedObjects <= (uint)(rest.Length / SharedHandle.Size)
            ? rest[..^(sharedObjects * SharedHandle.Size)]
            : throw new ChannelCorruptedException($"A worker's result of {rest.Length} bytes says that {sharedObjects} shared objects stand behind it.");
}
