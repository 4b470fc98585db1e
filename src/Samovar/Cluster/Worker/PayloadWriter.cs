using System.Diagnostics.CodeAnalysis;
using Samovar.Cluster.Protocol;
using Samovar.Primitives;
using Samovar.Serialization;

namespace Samovar.Cluster.Worker;

/// <summary>Writes a <see cref="ResultPayload"/>, in a worker or in its node. Thread-safe.</summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal static class PayloadWriter
{
    private static readonly ShippingWriter s_writer = new();

    /// <summary>Identifies the numbering of the definitions of this process.</summary>
    private static readonly long s_id = Random.Shared.NextInt64(1, long.MaxValue);

    /// <summary>Writes a result. Throws if it cannot be serialized, which fails its task only.</summary>
    public static byte[] OfResult<T>(T result) => Write(isError: false, result);

    /// <summary>Writes an error, as text if it cannot be serialized.</summary>
    public static byte[] OfError(Exception error)
    {
        try
        {
            return Write(isError: true, error);
        }
        catch (Exception unshippable)
        {
            return Write<Exception>(isError: true, RemoteException.From(error, unshippable.Message));
        }
    }

    private static byte[] Write<T>(bool isError, T value)
    {
        using var body = s_writer.Prepare(value);
        var definitions = new DefinitionBlock(s_writer, body.DefinitionsNeeded);
        var writer = new MessageWriter(body.Length + definitions.Bytes.Length + 32);
        writer.Byte(isError ? (byte)1 : (byte)0).Int64(definitions.Bytes.Length == 0 ? 0 : s_id).Bytes(definitions.Bytes).Bytes(body.ToArray());
        return writer.Written.ToArray();
    }
}
