namespace Samovar.Cluster.Protocol;

/// <summary>A result or an error, as a worker serialized it, with the definitions that it needs.</summary>
/// <param name="IsError">Whether it is an error.</param>
/// <param name="Writer">Identifies the numbering of the definitions; 0 if none are needed.</param>
/// <param name="Definitions">The definitions, from the first one on; empty if none are needed.</param>
/// <param name="Body">The value.</param>
internal readonly record struct ResultPayload(bool IsError, long Writer, ReadOnlyMemory<byte> Definitions, ReadOnlyMemory<byte> Body)
{
    public static ResultPayload Read(ReadOnlyMemory<byte> payload)
    {
        var reader = new MessageReader(payload);
        return new ResultPayload(reader.Byte() != 0, reader.Int64(), reader.Bytes(), reader.Bytes());
    }
}
