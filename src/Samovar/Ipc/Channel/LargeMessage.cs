using System.Runtime.InteropServices;
using Samovar.Ipc.Platform;

namespace Samovar.Ipc.Channel;

/// <summary>
/// A message that is too long for its ring, in a segment of its own. Disposing it frees the memory at once.
/// </summary>
/// <remarks>
/// The ring's record contains a <see cref="Reference"/>. The sender keeps the segment alive until the reader has passed the record (see
/// <see cref="LargeMessageSender"/>), so the message must be opened before the record is released. The mapping is independent afterwards.
/// </remarks>
internal sealed unsafe class LargeMessage : IDisposable
{
    private readonly SharedSegment _segment;

    private LargeMessage(SharedSegment segment) => _segment = segment;

    /// <summary>The message, valid until it is disposed. A hostile writer can change the bytes at any time.</summary>
    public ReadOnlySpan<byte> Bytes => new(_segment.Start, (int)_segment.Length);

    /// <summary>Opens the message that a record of kind <see cref="RingRecordKind.Large"/> refers to.</summary>
    /// <param name="platform">The platform of the channel that carried the record.</param>
    /// <param name="message">The record, not yet released.</param>
    /// <param name="senderId">The process that writes this ring, as known to the reader; never taken from the record.</param>
    /// <exception cref="ChannelCorruptedException">The record is not such a reference, or it does not name a sealed segment of that size.</exception>
    /// <exception cref="IOException">The segment cannot be opened: the sender has exited, or this process has no descriptor left.</exception>
    public static LargeMessage Open(ChannelPlatform platform, RingMessage message, int senderId)
    {
        if (message.Kind != RingRecordKind.Large || message.Payload.Length != sizeof(Reference))
        {
            throw new ChannelCorruptedException(
                $"A record of kind {message.Kind} with {message.Payload.Length} bytes is not a reference to a large message.");
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

        /// <summary>The length of the message in bytes, which is that of the segment.</summary>
        public readonly long Length = length;
    }
}
