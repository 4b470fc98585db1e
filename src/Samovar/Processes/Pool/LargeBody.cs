using System.Runtime.InteropServices;
using Samovar.Ipc;
using Samovar.Serialization;

namespace Samovar.Processes;

/// <summary>Work too large for a ring.</summary>
internal static class LargeBody
{
    /// <summary>Writes it into a segment of its own, which lives until the caller disposes it.</summary>
    /// <param name="platform">Makes the segment.</param>
    /// <param name="body">The work.</param>
    /// <param name="inRing">What goes into the ring in its place: a <see cref="SegmentRecord"/>.</param>
    public static unsafe SharedSegment Write(ChannelPlatform platform, ShippedBody body, out byte[] inRing)
    {
        int length = body.Length;
        var segment = platform.CreateSegment(length);
        try
        {
            body.CopyTo(new Span<byte>(segment.Start, length));
        }
        catch
        {
            segment.Dispose();
            throw;
        }

        inRing = new byte[SegmentRecord.Size];
        MemoryMarshal.Write(inRing, new SegmentRecord(segment.Address.Number, length));
        return segment;
    }
}
