using System.Runtime.Versioning;
using Samovar.Ipc.Channel;
using Samovar.Ipc.Platform;

namespace Samovar.Tests.Ipc.Channel;

/// <summary>Segments that are used again.</summary>
[SupportedOSPlatform("linux")]
public sealed unsafe class WarmSegmentTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly ChannelPlatform _platform = ChannelPlatform.Create(ChannelKind.Linux);
    private readonly WarmSegments _warm;

    public WarmSegmentTests() => _warm = new WarmSegments(_platform, _time);

    public void Dispose() => _warm.Dispose();

    [ThreadFact]
    public void A_returned_segment_is_rented_again_for_anything_that_fits()
    {
        var first = _warm.Rent(1_000_000);
        first.Length.ShouldBeGreaterThanOrEqualTo(1_000_000);
        _warm.Return(first);

        _warm.Rent(10).ShouldBeSameAs(first);
        var second = _warm.Rent(10);
        second.ShouldNotBeSameAs(first);
        _warm.Return(first);
        _warm.Return(second);

        _warm.Rent(10).ShouldBeSameAs(second, "the smallest that fits");
        first.Dispose();
        second.Dispose();
    }

    [ThreadFact]
    public void A_small_message_leaves_a_huge_segment_to_the_next_huge_one()
    {
        var huge = _warm.Rent(100_000_000);
        _warm.Return(huge);

        using var small = _warm.Rent(1000);
        small.ShouldNotBeSameAs(huge);
        _warm.Rent(90_000_000).ShouldBeSameAs(huge);
        huge.Dispose();
    }

    [ThreadFact]
    public void Unused_segments_are_dropped_after_a_while()
    {
        var early = _warm.Rent(1_000_000);
        var late = _warm.Rent(2_000_000);
        _warm.Return(early);
        _time.Advance(WarmSegments.Patience / 2);
        _warm.Return(late);

        _time.Advance(WarmSegments.Patience / 2);
        Should.Throw<ObjectDisposedException>(() => _ = early.Start == null);
        _warm.KeptBytes.ShouldBe(late.Length);

        _time.Advance(WarmSegments.Patience);
        Should.Throw<ObjectDisposedException>(() => _ = late.Start == null);
        _warm.KeptBytes.ShouldBe(0);
        _time.ArmedTimers.ShouldBe(0);
    }

    [ThreadFact]
    public void No_more_is_kept_than_the_limit_and_the_oldest_go_first()
    {
        SharedSegment[] rented = [.. Enumerable.Range(0, 3).Select(_ => _warm.Rent(WarmSegments.MostBytes / 2))];
        foreach (var segment in rented) _warm.Return(segment);

        _warm.KeptBytes.ShouldBe(WarmSegments.MostBytes);
        Should.Throw<ObjectDisposedException>(() => _ = rented[0].Start == null);

        var tooLarge = _warm.Rent(WarmSegments.MostBytes + 1);
        _warm.Return(tooLarge);
        Should.Throw<ObjectDisposedException>(() => _ = tooLarge.Start == null);
    }

    [ThreadFact]
    public void Nothing_is_kept_after_the_end()
    {
        var kept = _warm.Rent(100);
        var late = _warm.Rent(100);
        _warm.Return(kept);
        _warm.Dispose();
        _warm.Return(late);

        Should.Throw<ObjectDisposedException>(() => _ = kept.Start == null);
        Should.Throw<ObjectDisposedException>(() => _ = late.Start == null);
        _time.ArmedTimers.ShouldBe(0);
    }

    [ThreadFact]
    public void What_others_could_write_is_not_kept()
    {
        var segment = _platform.CreateSegment(4096);
        _warm.Return(segment);
        Should.Throw<ObjectDisposedException>(() => _ = segment.Start == null);
    }

    [ThreadFact]
    public void Who_opens_a_segment_for_readers_sees_what_is_written_and_cannot_map_it_to_write()
    {
        using var segment = _warm.Rent(4096);
        *segment.Start = 7;

        using (var reader = _platform.OpenSegment(segment.Address, segment.Length, SegmentUse.Read))
        {
            (*reader.Start).ShouldBe((byte)7);
            *segment.Start = 8;
            (*reader.Start).ShouldBe((byte)8);
        }

        Should.Throw<IOException>(() => _platform.OpenSegment(segment.Address, segment.Length, SegmentUse.Share));
    }
}
