using Samovar.Ipc.Channel;
using Samovar.Stress.Ipc;

namespace Samovar.Tests.Ipc.Channel;

public sealed class MessageRingTests
{
    [ThreadFact]
    public void A_message_arrives_with_its_tag()
    {
        using var ring = new RingUnderTest(64);
        ring.Writer.TryWrite([1, 2, 3], tag: 7).ShouldBeTrue();

        ring.Reader.TryRead(out RingMessage message).ShouldBeTrue();
        message.Payload.ToArray().ShouldBe([1, 2, 3]);
        message.Tag.ShouldBe((ushort)7);
        ring.Reader.TryRead(out _).ShouldBeFalse();
    }

    [ThreadFact]
    public void An_empty_message_arrives()
    {
        using var ring = new RingUnderTest(64);
        ring.Writer.TryWrite([], 1).ShouldBeTrue();

        ring.Reader.TryRead(out RingMessage message).ShouldBeTrue();
        message.Payload.Length.ShouldBe(0);
    }

    [ThreadFact]
    public void A_full_ring_refuses_until_space_is_released()
    {
        using var ring = new RingUnderTest(64);
        int written = 0;
        while (ring.Writer.TryWrite([9], 0)) written++;

        written.ShouldBe(3); // 16 bytes each, 8 kept for the closing zero
        ring.Reader.TryRead(out _).ShouldBeTrue();
        ring.Writer.TryWrite([9], 0).ShouldBeFalse("read, but not released");
        ring.Reader.Release();
        ring.Writer.TryWrite([9], 0).ShouldBeTrue();
    }

    [ThreadFact]
    public void Reserved_space_is_invisible_until_committed_and_gone_when_aborted()
    {
        using var ring = new RingUnderTest(64);
        ring.Writer.TryReserve(8, out Span<byte> place).ShouldBeTrue();
        place.Fill(0xFF);
        ring.Reader.TryRead(out _).ShouldBeFalse();
        ring.Writer.Abort();
        ring.Reader.TryRead(out _).ShouldBeFalse();

        ring.Writer.TryReserve(8, out place).ShouldBeTrue();
        place[0] = 42;
        ring.Writer.Commit(length: 1, tag: 3);
        ring.Reader.TryRead(out RingMessage message).ShouldBeTrue();
        message.Payload.ToArray().ShouldBe([42]);
    }

    [ThreadFact]
    public void A_batch_appears_whole_when_published()
    {
        using var ring = new RingUnderTest(1024);
        for (byte i = 0; i < 10; i++) ring.Writer.TryWrite([i], i, publish: false).ShouldBeTrue();

        ring.Reader.HasRecord.ShouldBeFalse();
        ring.Writer.Publish();
        for (byte i = 0; i < 10; i++)
        {
            ring.Reader.TryRead(out RingMessage message).ShouldBeTrue();
            message.Payload[0].ShouldBe(i);
        }

        ring.Reader.TryRead(out _).ShouldBeFalse();
    }

    [ThreadTheory]
    [InlineData(-1)]
    [InlineData(9)]
    [InlineData(int.MaxValue)]
    public void A_length_beyond_an_eighth_of_the_ring_is_refused(int length)
    {
        using var ring = new RingUnderTest(64);
        Should.Throw<ArgumentOutOfRangeException>(() => ring.Writer.TryReserve(length, out _));
    }

    [ThreadTheory]
    [InlineData(0)]
    [InlineData(32)]
    [InlineData(96)]
    [InlineData(int.MinValue)]
    public void A_capacity_that_is_no_power_of_two_or_too_small_is_refused(int capacity) =>
        MessageRing.IsCapacity(capacity).ShouldBeFalse();

    [ThreadFact]
    public void A_second_reservation_and_a_commit_without_one_are_refused()
    {
        using var ring = new RingUnderTest(64);
        Should.Throw<InvalidOperationException>(() => ring.Writer.Commit(0, 0));
        ring.Writer.TryReserve(1, out _).ShouldBeTrue();
        Should.Throw<InvalidOperationException>(() => ring.Writer.TryReserve(1, out _));
        Should.Throw<ArgumentOutOfRangeException>(() => ring.Writer.Commit(2, 0));
    }

    [ThreadTheory]
    [InlineData(64, 1)]
    [InlineData(64, 2)]
    [InlineData(128, 3)]
    [InlineData(256, 4)]
    [InlineData(4096, 5)]
    public void Random_operations_agree_with_a_queue(int capacity, int seed)
    {
        using var ring = new RingUnderTest(capacity);
        var random = new Random(seed);
        var published = new Queue<(byte[] Payload, ushort Tag)>();
        var held = new List<(byte[] Payload, ushort Tag)>();
        int arrived = 0;
        for (int step = 0; step < 50_000; step++)
        {
            switch (random.Next(8))
            {
                case 0 or 1 or 2:
                    byte[] payload = new byte[random.Next(ring.Writer.LargestPayload + 1)];
                    random.NextBytes(payload);
                    ushort tag = (ushort)random.Next(ushort.MaxValue);
                    bool publish = random.Next(3) != 0;
                    if (ring.Writer.TryReserve(ring.Writer.LargestPayload, out Span<byte> place))
                    {
                        place.Fill(0xEE);
                        if (random.Next(6) == 0)
                        {
                            ring.Writer.Abort();
                            break;
                        }

                        payload.CopyTo(place);
                        ring.Writer.Commit(payload.Length, tag, publish: publish);
                        held.Add((payload, tag));
                        if (publish) Publish();
                    }

                    break;
                case 3:
                    ring.Writer.Publish();
                    Publish();
                    break;
                case 4 or 5 or 6:
                    bool found = ring.Reader.TryRead(out RingMessage message);
                    found.ShouldBe(published.Count > 0, $"step {step}");
                    if (found)
                    {
                        (byte[] Payload, ushort Tag) expected = published.Dequeue();
                        message.Payload.SequenceEqual(expected.Payload).ShouldBeTrue($"step {step}");
                        message.Tag.ShouldBe(expected.Tag);
                        arrived++;
                    }

                    break;
                default:
                    ring.Reader.Release();
                    break;
            }
        }

        ring.AssertGuardsUntouched();
        arrived.ShouldBeGreaterThan(5_000); // the ring went round many times

        void Publish()
        {
            held.ForEach(published.Enqueue);
            held.Clear();
        }
    }

    [ThreadFact]
    public async Task Two_threads_pass_every_message_in_order()
    {
        const int messages = 20_000; // under load, each full ring costs a time slice of the scheduler; Samovar.Stress ring passes more
        using var ring = new RingUnderTest(512);
        (await new RingPassage(ring.Writer, ring.Reader, messages, seed: 11).RunAsync()).ShouldBeNull();
        ring.AssertGuardsUntouched();
    }
}
