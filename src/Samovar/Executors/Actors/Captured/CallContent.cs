using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Samovar.Ipc.Queues;
using Samovar.Primitives;
using Samovar.Serialization;

namespace Samovar.Executors.Actors.Captured;

/// <summary>Serializes calls and their outcomes, as items of queues are: with the definitions that they need, which both sides cache.</summary>
[RequiresDynamicCode(CodeRequirements.Dynamic)]
internal static class CallContent
{
    /// <exception cref="UnshippableException">The value cannot be sent to another process.</exception>
    public static byte[] Write<T>(T value)
    {
        var output = new ArrayBufferWriter<byte>();
        QueueShipping<T>.Shared.Write(value, output, connector: null);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Serializes an error; one that cannot be sent is described by a <see cref="RemoteException"/>.</summary>
    public static byte[] WriteError(Exception error)
    {
        try
        {
            return Write(error);
        }
        catch (UnshippableException)
        {
            return Write<Exception>(RemoteException.From(error)); // the caller waits for an answer
        }
    }

    /// <exception cref="ShippingException">The bytes are damaged, or name a type or member that does not exist in this process.</exception>
    public static T Read<T>(ReadOnlySpan<byte> content) => QueueShipping<T>.Shared.Read(content, connector: null);
}
