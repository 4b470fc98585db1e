using System.Buffers;
using System.Runtime.InteropServices;
using Samovar.Ipc.Platform;
using Samovar.Serialization;

namespace Samovar.Ipc.Shared;

/// <summary>Carries shared objects: the receiver gets the same memory.</summary>
internal abstract class SharedCodec<T> : LiveCodec<T>
    where T : class
{
    /// <summary>What the receiver expects.</summary>
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

    /// <summary>What else is held with the object until the receiver has it.</summary>
    /// <returns>How the receiver knows it; 0 for nothing.</returns>
    protected virtual long Lend(T value, SharedReference kept) => 0;

    /// <summary>Opens what arrived, with what its sender held with it.</summary>
    protected virtual SharedReference Open(in SharedHandle handle, LiveConnector connector) => SharedReference.Open(handle, Format, connector.EndsWithTask);

    protected abstract T Make(SharedReference reference);

    /// <summary>The receiver has it.</summary>
    protected virtual void Arrived(T value, LiveConnector connector)
    {
    }
}
