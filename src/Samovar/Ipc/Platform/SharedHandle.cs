using System.Runtime.InteropServices;
using Samovar.Ipc.Pipes;

namespace Samovar.Ipc.Platform;

/// <summary>What is sent of a shared object: where a living process holds it, and the cookie that identifies it.</summary>
/// <remarks>
/// The address is the sender's own, whichever process created the object, because the creator may have exited. The sender holds the object until the
/// receiver has opened it (<see cref="Serialization.LiveConnector.Keep"/>). If the sender has exited nevertheless, and its numbers refer to something
/// else by now, the cookie does not match. <see cref="Hold"/> identifies further state that the sender holds, for kinds that have such state:
/// <see cref="PipeTransitWord"/>.
/// </remarks>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct SharedHandle(long Number, long Length, ChannelCookie Cookie, int ProcessId, int Platform, long Hold = 0)
{
    public const int Size = 48;

    public SegmentAddress Address => new(ProcessId, Number);

    public static SharedHandle Read(ReadOnlySpan<byte> payload) => payload.Length >= Size
        ? MemoryMarshal.Read<SharedHandle>(payload)
        : throw new ChannelCorruptedException($"A handle of a shared object has {payload.Length} bytes, expected at least {Size}.");
}
