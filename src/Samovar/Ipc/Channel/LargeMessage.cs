using System.Runtime.InteropServices;
using Samovar.Ipc.Platform;

namespace Samovar.Ipc.Channel;

/// <summary>
/// A message too long for its ring, seen in the segment that holds it. Disposing gives the memory back at once.
/// </summary>
/// <remarks>
/// The ring's record holds <see cref="Reference"/>. The sender keeps the segment alive until the reader has passed the record
/// (see <see cref="LargeMessageSender"/>), so open it before releasing the record; the mapping then lives on its own.
/// </remarks>
internal sealed unsafe class LargeMessage : IDisposable
{
    private readonly SharedSegment _segment;

    private LargeMessage(SharedSegment segment) => _segment = segment;

    /// <summary>The message. Valid until disposed; its bytes may change under a hostile writer.</summary>
    public ReadOnlySpan<byte> Bytes => new(_segment.Start, (int)_segment.Length);

    /// <summary>Opens what a record of kind <see cref="RingRecordKind.Large"/> refers to.</summary>
    /// <param name="platform">The kind of channel the record came through.</param>
    /// <param name="message">The record, not yet released.</param>
    /// <param name="senderId">The process that writes this ring, as the reader knows it: never taken from the record.</param>
    /// <exception cref="ChannelCorruptedException">The record is no such reference, or what it names is not a sealed segment of
    /// that size.</exception>
    /// <exception cref="IOException">The segment cannot be opened: the sender is gone, or this process has no descriptor
    /// left.</exception>
    public static LargeMessage Open(ChannelPlatform platform, RingMessage message, int senderId)
    {
        if (message.Kind != RingRecordKind.Large || message.Payload.Length != sizeof(Reference))
        {
            throw new ChannelCorruptedException(
                $"A record of kind {message.Kind} with {message.Payload.Length} bytes is no reference to a large message.");
        }

        Reference reference = MemoryMarshal.Read<Reference>(message.Payload);
        if (reference.Length is <= 0 or > int.MaxValue)
            throw new ChannelCorruptedException($"A large message cannot have {reference.Length} bytes.");

        var address = new SegmentAddress(senderId, reference.Number);
        return new LargeMessage(platform.OpenSegment(address, reference.Length, SegmentUse.Consume));
    }

    public void Dispose() => _segment.Dispose();

    /// <summary>The record's payload.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal readonly struct Reference(long number, long length)
    {
        /// <summary>The segment's number in the sender, see <see cref="SegmentAddress"/>.</summary>
        public readonly long Number = number;

        /// <summary>Bytes of the message, all of the segment.</summary>
        public readonly long Length = length;
    }
}
