using System.Buffers;
using System.Runtime.InteropServices;
using Samovar.Ipc.Platform;
using Samovar.Serialization;

namespace Samovar.Ipc.Shared;

/// <summary>Ships shared objects: the receiver gets the same memory.</summary>
internal abstract class SharedCodec<T> : LiveCodec<T>
    where T : class
{
    /// <summary>The format that the receiver expects.</summary>
    protected abstract SharedFormat Format { get; }

    public sealed override void Export(T value, IBufferWriter<byte> output, LiveConnector connector)
    {
        SharedReference kept = ReferenceOf(value).Share();
        SharedHandle handle;
        try
        {
            handle = kept.Region.Handle with { Hold = Lend(value, kept) };
        }
        catch
        {
            kept.Dispose();
            throw;
        }

        connector.Keep(new InFlightHandle(kept, handle));
        output.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<SharedHandle>(in handle)));
    }

    public sealed override T Import(ReadOnlySpan<byte> payload, LiveConnector connector)
    {
        SharedReference reference = Open(SharedHandle.Read(payload), connector);
        T value = Make(reference);
        Arrived(value, connector);
        return value;
    }

    protected abstract SharedReference ReferenceOf(T value);

    /// <summary>Holds further state together with the object until the receiver has it.</summary>
    /// <returns>What identifies that state to the receiver; 0 if there is no such state.</returns>
    protected virtual long Lend(T value, SharedReference kept) => 0;

    /// <summary>Opens an object that arrived, with the state that its sender held with it.</summary>
    protected virtual SharedReference Open(in SharedHandle handle, LiveConnector connector) => SharedReference.Open(handle, Format, connector.EndsWithTask);

    protected abstract T Make(SharedReference reference);

    /// <summary>Called when the receiver has the object.</summary>
    protected virtual void Arrived(T value, LiveConnector connector)
    {
    }
}
