using Samovar.Executors.Mapping;
using Samovar.Ipc;
using Samovar.Ipc.Platform;
using Samovar.Processes.Worker;

namespace Samovar.Processes.Protocol;

/// <summary>Reads the record of a result: a <see cref="ResultHeader"/>, the body, and a <see cref="SharedHandle"/> for each shared object in the
/// body. The body is a message, or for the items of a batch an <see cref="ItemBlock"/>. <see cref="RecordWriter"/> writes the record, with a
/// <see cref="MessageBody"/> or an <see cref="ItemBlockBody"/>.</summary>
/// <remarks>The parts are valid only while the record is.</remarks>
internal readonly ref struct ResultMessage
{
    /// <summary>The header.</summary>
    public readonly ResultHeader Header;

    private ResultMessage(scoped in ResultHeader header, ReadOnlySpan<byte> rest)
    {
        Header = header;
        Rest = rest;
        Body = Split(rest, header.SharedObjects);
    }

    /// <summary>The body and the handles that follow it.</summary>
    public ReadOnlySpan<byte> Rest { get; }

    /// <summary>The body alone.</summary>
    public ReadOnlySpan<byte> Body { get; }

    /// <summary>The handles of the shared objects in the body.</summary>
    public ReadOnlySpan<byte> Handles => Rest[Body.Length..];

    /// <summary>Whether the body is the exception that the work threw.</summary>
    public bool IsError => (Header.Flags & ResultFlags.IsError) != ResultFlags.None;

    /// <summary>Reads a record. Returns false if it is too short for a header.</summary>
    /// <exception cref="ChannelCorruptedException">The record is too short for the number of handles in its header.</exception>
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

    /// <summary>Returns the data that follows a header, without the handles at its end.</summary>
    /// <exception cref="ChannelCorruptedException">The data is too short for this number of handles.</exception>
    public static ReadOnlySpan<byte> Split(ReadOnlySpan<byte> rest, int sharedObjects) =>
        (uint)sharedObjects <= (uint)(rest.Length / SharedHandle.Size)
            ? rest[..^(sharedObjects * SharedHandle.Size)]
            : throw new ChannelCorruptedException($"A worker's result of {rest.Length} bytes is too short for the handles of {sharedObjects} shared objects.");
}
