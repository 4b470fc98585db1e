using System.Runtime.InteropServices;
using Samovar.Ipc.Channel;
using Samovar.Ipc.Platform;
using Samovar.Processes.Protocol;
using Samovar.Serialization;

namespace Samovar.Processes.Parent;

/// <summary>Serialized work that is too large for a ring, in its own segment. <see cref="Dispose"/> returns the segment; any thread may call it,
/// more than once.</summary>
internal sealed class LargeBody : IDisposable
{
    private readonly WarmSegments? _warm;
    private SharedSegment? _segment;

    private LargeBody(SharedSegment segment, WarmSegments? warm, byte[] inRing)
    {
        _segment = segment;
        _warm = warm;
        InRing = inRing;
    }

    /// <summary>The record that is written into the ring in place of the work: a <see cref="SegmentRecord"/>.</summary>
    public byte[] InRing { get; }

    /// <summary>Writes work into a segment.</summary>
    /// <param name="platform">Creates the segment.</param>
    /// <param name="body">The work.</param>
    /// <param name="isReadOnce">Whether the work is never sent again after a worker has read it, so that its memory can be released then.</param>
    /// <param name="warm">The pool of segments to rent from and return to; null to create a new segment.</param>
    public static unsafe LargeBody Write(ChannelPlatform platform, ShippedBody body, bool isReadOnce, WarmSegments? warm = null)
    {
        int length = body.Length;
        var segment = warm?.Rent(length) ?? platform.CreateSegment(length);
        try
        {
            body.CopyTo(new Span<byte>(segment.Start, length));
        }
        catch
        {
            segment.Dispose();
            throw;
        }

        var use = segment.IsReadOnlyToOthers || !isReadOnce ? SegmentUse.Read : SegmentUse.Consume;
        int isAwaited = use == SegmentUse.Read && isReadOnce ? 1 : 0;
        byte[] inRing = new byte[SegmentRecord.Size];
        MemoryMarshal.Write(inRing, new SegmentRecord(segment.Address.Number, length, segment.Length, use, isAwaited));
        return new LargeBody(segment, warm, inRing);
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _segment, null) is not { } segment) return;
        if (_warm is null) segment.Dispose();
        else _warm.Return(segment);
    }
}
