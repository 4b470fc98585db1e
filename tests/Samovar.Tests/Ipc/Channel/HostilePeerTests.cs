using System.Runtime.InteropServices;
using Samovar.Ipc;
using Samovar.Ipc.Channel;
using Samovar.Ipc.Platform;

namespace Samovar.Tests.Ipc.Channel;

public sealed class HostilePeerTests
{
    [ThreadTheory]
    [InlineData(1u)]
    [InlineData(7u)]
    [InlineData(25u)]
    [InlineData(64u)]
    [InlineData(0x7FFF_FFFFu)]
    [InlineData(0x8000_0000u)]
    [InlineData(0xFFFF_FFFFu)]
    public void A_forged_length_is_an_error_that_names_it(uint length)
    {
        using var ring = new RingUnderTest(64);
        MemoryMarshal.Write(ring.Bytes, length);
        Should.Throw<ChannelCorruptedException>(() => ring.Reader.TryRead(out _)).Message.ShouldContain(length.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    [ThreadFact]
    public void Padding_where_no_sound_writer_pads_is_an_error_and_no_endless_loop()
    {
        using var ring = new RingUnderTest(64);
        MemoryMarshal.Write(ring.Bytes, 16u);
        ring.Bytes[4] = (byte)RingRecordKind.Padding;
        Should.Throw<ChannelCorruptedException>(() => ring.Reader.TryRead(out _));
    }

    [ThreadFact]
    public void A_writer_that_runs_over_unreleased_records_is_noticed()
    {
        using var ring = new RingUnderTest(64);
        for (int offset = 0; offset < 64; offset += 16)
        {
            MemoryMarshal.Write(ring.Bytes[offset..], 16u);
            ring.Bytes[offset + 4] = (byte)RingRecordKind.Message;
        }

        Should.Throw<ChannelCorruptedException>(() =>
        {
            for (int i = 0; i < 8; i++) ring.Reader.TryRead(out _);
        });
    }

    [ThreadTheory]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    [InlineData(1_000)]
    [InlineData(long.MaxValue)]
    public void A_forged_reader_position_is_an_error(long head)
    {
        using var ring = new RingUnderTest(64);
        while (ring.Writer.TryWrite([1], 0)) continue;

        ring.Head = head;
        Should.Throw<ChannelCorruptedException>(() => ring.Writer.TryWrite([1], 0));
    }

    [ThreadFact]
    public void A_reader_position_that_goes_back_is_an_error()
    {
        using var ring = new RingUnderTest(64);
        ring.Writer.TryWrite([1], 0).ShouldBeTrue();
        ring.Reader.TryRead(out _).ShouldBeTrue();
        ring.Reader.Release();
        ring.Writer.ReadHead().ShouldBe(16);
        ring.Head = 8;
        Should.Throw<ChannelCorruptedException>(() => ring.Writer.ReadHead());
    }

    [ThreadFact]
    public void Ten_thousand_random_scribbles_never_reach_out_of_the_ring()
    {
        int errors = 0;
        for (int seed = 0; seed < 10_000; seed++)
        {
            var random = new Random(seed);
            using var ring = new RingUnderTest(64 << random.Next(4));
            try
            {
                for (int step = 0; step < 40; step++)
                {
                    if (random.Next(3) == 0) ring.Writer.TryWrite(new byte[random.Next(ring.Writer.LargestPayload + 1)], 1);
                    if (random.Next(3) == 0) Scribble(ring, random);
                    if (ring.Reader.TryRead(out RingMessage message)) Sum(message.Payload);
                    if (random.Next(3) == 0) ring.Reader.Release();
                }
            }
            catch (ChannelCorruptedException)
            {
                errors++;
            }

            ring.AssertGuardsUntouched();
        }

        errors.ShouldBeGreaterThan(5_000);
    }

    [ThreadFact]
    public void A_header_with_a_forged_byte_is_refused_unless_all_of_it_still_fits()
    {
        int refused = 0;
        var sizes = new ChannelSizes { WorkCapacity = 4096, ResultsCapacity = 4096, Slots = 4 };
        for (int seed = 0; seed < 10_000; seed++)
        {
            var random = new Random(seed);
            using var memory = new LocalSegment(sizes.SegmentLength);
            ChannelSegment made = ChannelSegment.Create(memory, sizes, parentId: 1);
            int offset = random.Next(56); // all but the parent's id, which is not trusted
            unsafe
            {
                memory.Start[offset] ^= (byte)random.Next(1, 256);
            }

            try
            {
                ChannelSegment opened = ChannelSegment.Open(memory, made.Cookie);
                (opened.Sizes with { Slots = sizes.Slots }).ShouldBe(sizes);
                opened.Sizes.WorkOffset.ShouldBe(sizes.WorkOffset); // a slot count that fits into the same page
            }
            catch (ChannelCorruptedException)
            {
                refused++;
            }
        }

        refused.ShouldBeGreaterThan(9_000);
    }

    [ThreadFact]
    public void A_wrong_cookie_is_refused()
    {
        var sizes = new ChannelSizes();
        using var memory = new LocalSegment(sizes.SegmentLength);
        ChannelSegment.Create(memory, sizes, parentId: 1);
        Should.Throw<ChannelCorruptedException>(() => ChannelSegment.Open(memory, ChannelCookie.Random())).Message.ShouldContain("cookie");
    }

    private static void Scribble(RingUnderTest ring, Random random)
    {
        if (random.Next(5) == 0)
        {
            ring.Head = random.NextInt64(-100, 10_000);
            return;
        }

        int offset = random.Next(ring.Capacity / 8) * 8;
        Span<byte> place = ring.Bytes.Slice(offset, 8);
        if (random.Next(2) == 0) random.NextBytes(place);
        else MemoryMarshal.Write(place, (uint)random.Next(64));
    }

    private static int Sum(ReadOnlySpan<byte> bytes)
    {
        int sum = 0;
        foreach (byte b in bytes) sum += b;
        return sum;
    }
}
