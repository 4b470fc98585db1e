using System.Runtime.InteropServices;
using Samovar.Ipc.Pipes;

namespace Samovar.Ipc.Platform;

/// <summary>What of a shared object travels: where a living process holds it, and the cookie by which it is known again.</summary>
/// <remarks>
/// The address is the sender's own, whoever made the object: its maker may have gone. The sender holds the object until the
/// receiver has opened it (<see cref="Serialization.LiveConnector.Keep"/>). Should the sender be gone all the same, and its numbers mean
/// something else by now, the cookie does not match. <see cref="Hold"/> says what else the sender holds, where the kind has such: <see cref="PipeTransitWord"/>.
/// </remarks>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct SharedHandle(long Number, long Length, ChannelCookie Cookie, int ProcessId, int Platform, long Hold = 0)
{
    public const int Size = 48;

    public SegmentAddress Address => new(ProcessId, Number);

    public static SharedHandle Read(ReadOnlySpan<byte> payload) => payload.Length >= Size
        ? MemoryMarshal.Read<SharedHandle>(payload)
        : throw new ChannelCorruptedException($"A handle of {payload.Length} bytes is too short; it has {Size}.");
}
