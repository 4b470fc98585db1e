using System.Buffers;
using System.Runtime.InteropServices;
using Samovar.Serialization;

namespace Samovar.Ipc;

/// <summary>Carries shared objects: the receiver gets the same memory.</summary>
internal abstract class SharedCodec<T> : LiveCodec<T>
    where T : class
{
    /// <summary>What the receiver expects.</summary>
    protected abstract SharedFormat Format { get; }

    public sealed override void Export(T value, IBufferWriter<byte> output, LiveConnector connector)
    {
        SharedReference kept = ReferenceOf(value).Share();
        SharedHandle handle = kept.Region.Handle;
        connector.Keep(new KeptShared(kept, handle));
        output.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<SharedHandle>(in handle)));
    }

    public sealed override T Import(ReadOnlySpan<byte> payload, LiveConnector connector) =>
        Make(SharedReference.Open(SharedHandle.Read(payload), Format, connector.EndsWithTask));

    protected abstract SharedReference ReferenceOf(T value);

    protected abstract T Make(SharedReference reference);
}
