using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Samovar.Ipc;
using Samovar.Ipc.Queues;
using Samovar.Tests.Architecture;

namespace Samovar.Tests.Ipc.Queues;

/// <summary>The layout of a queue, and what becomes of one whose memory holds what no sound process writes.</summary>
public sealed unsafe class QueueLayoutTests
{
    private static readonly string[] s_lines = File.ReadAllLines(Path.Combine(Repository.Root, "docs/reference/ipc-format.md"));

    [ThreadFact]
    public void The_headers_are_the_tables_of_the_documentation()
    {
        Actual<QueueHeader>().ShouldBe(Documented("### Queue header"));
        Actual<ProducerRingHeader>().ShouldBe(Documented("### Producer ring header"));
        Unsafe.SizeOf<QueueHeader>().ShouldBe(QueueHeader.HeaderSize);
        Unsafe.SizeOf<ProducerRingHeader>().ShouldBe(ProducerRingHeader.HeaderSize);
        Unsafe.SizeOf<ShippedSlot>().ShouldBe(16);

        static string[] Documented(string title) =>
        [
            .. s_lines.SkipWhile(l => l != title).Skip(1).TakeWhile(static l => !l.StartsWith('#'))
                .Where(static l => l.StartsWith("| ", StringComparison.Ordinal) && char.IsAsciiDigit(l[2]))
                .Select(static l => l.Split('|', StringSplitOptions.TrimEntries)[1..]).Select(static r => $"{r[0]} {r[1]} {r[2].Trim('`')}"),
        ];

        static string[] Actual<T>() =>
        [
            .. typeof(T).GetFields().Where(static f => !f.IsLiteral)
                .Select(static f => (Offset: (int)Marshal.OffsetOf<T>(f.Name), Size: f.Name == "Error" ? QueueHeader.ErrorSize : Marshal.SizeOf(f.FieldType), f.Name))
                .OrderBy(static f => f.Offset)
                .Select(static f => string.Create(CultureInfo.InvariantCulture, $"{f.Offset} {f.Size} {f.Name}")),
        ];
    }

    [ThreadTheory]
    [InlineData(nameof(ProducerRingHeader.Head), -5L)]
    [InlineData(nameof(ProducerRingHeader.Head), 4L)]
    [InlineData(nameof(ProducerRingHeader.Head), long.MinValue)]
    [InlineData(nameof(ProducerRingHeader.Head), long.MaxValue)]
    [InlineData(nameof(ProducerRingHeader.Tail), -1L)]
    [InlineData(nameof(ProducerRingHeader.Tail), 3000L)]
    [InlineData(nameof(ProducerRingHeader.Tail), long.MinValue)]
    [InlineData(nameof(ProducerRingHeader.Tail), long.MaxValue)]
    public void Forged_counts_give_a_typed_error(string field, long value)
    {
        using var numbers = new ProcessQueue<int>(4);
        using var texts = new ProcessQueue<string>(4);
        for (int i = 0; i < 3; i++)
        {
            numbers.Put(i);
            texts.Put("text");
        }

        int offset = (int)Marshal.OffsetOf<ProducerRingHeader>(field);
        *(long*)(numbers.Reference.Region.Data + QueueHeader.HeaderSize + offset) = value;
        *(long*)(texts.Reference.Region.Data + QueueHeader.HeaderSize + offset) = value;
        Should.Throw<ChannelCorruptedException>(() => numbers.TryTake(out _));
        Should.Throw<ChannelCorruptedException>(() => numbers.TryTakeMany(new int[4]));
        Should.Throw<ChannelCorruptedException>(() => texts.TryTake(out _));
        Should.Throw<ChannelCorruptedException>(() =>
        {
            for (int i = 0; i < 5; i++) texts.TryPut("text");
        });
        numbers.Count.ShouldBeInRange(0, 4);
        GC.KeepAlive(texts);
    }

    [ThreadTheory]
    [InlineData(-8L, 8, 2)]
    [InlineData(4L, 8, 2)]
    [InlineData(0L, -1, 2)]
    [InlineData(0L, int.MaxValue, 2)]
    [InlineData(long.MaxValue - 7, 8, 2)]
    [InlineData(8192L, 8, 2)]
    [InlineData(0L, 8, 0)]
    [InlineData(0L, 8, 7)]
    [InlineData(0L, 8, 8)]
    [InlineData(0L, 3, 2)]
    [InlineData(0L, 8, 6)]
    public void A_forged_slot_gives_a_typed_error(long start, int length, int kind)
    {
        using var texts = new ProcessQueue<string>(new ProcessQueueOptions { Capacity = 4, BytesPerProcess = 4096 });
        texts.Put("text");
        *(ShippedSlot*)(texts.Reference.Region.Data + QueueHeader.HeaderSize + ProducerRingHeader.HeaderSize) = new ShippedSlot(start, length, (ShippedKind)kind);
        Should.Throw<ChannelCorruptedException>(() => texts.TryTake(out _));
        GC.KeepAlive(texts);
    }

    [ThreadFact]
    public void Large_items_lie_around_the_end_of_their_ring_and_leave_no_memory_behind()
    {
        using var queue = new ProcessQueue<byte[]>(new ProcessQueueOptions { Capacity = 4, BytesPerProcess = 4096 });
        var ring = (ProducerRingHeader*)(queue.Reference.Region.Data + QueueHeader.HeaderSize);
        ring->LargeTail = ring->LargeFreed = (3 * QueueLayout.LargeSize) - 131_072;
        long before = queue.Reference.Region.InUse;
        for (int round = 0; round < 3; round++)
        {
            byte[][] sent = [.. Enumerable.Range(0, 4).Select(n => { byte[] bytes = new byte[70_000 + n]; new Random(n).NextBytes(bytes); return bytes; })];
            foreach (byte[] item in sent) queue.Put(item);
            (queue.Reference.Region.InUse - before).ShouldBeGreaterThan(250_000);
            foreach (byte[] item in sent) queue.Take().AsSpan().SequenceEqual(item).ShouldBeTrue();
            (queue.Reference.Region.InUse - before).ShouldBeLessThan(50_000);
        }
    }

    [ThreadTheory]
    [InlineData(-1L, 5000L)]
    [InlineData(0L, 65537L)]
    [InlineData(0L, 0L)]
    [InlineData(0L, -1L)]
    [InlineData(1L, 5000L)]
    [InlineData(65536L, 5000L)]
    [InlineData(0L, long.MaxValue)]
    [InlineData(long.MaxValue, 5000L)]
    [InlineData(long.MaxValue & -65536, 5000L)]
    [InlineData(long.MinValue, 5000L)]
    public void A_forged_place_of_a_large_item_gives_a_typed_error(long start, long length)
    {
        using var queue = new ProcessQueue<byte[]>(new ProcessQueueOptions { Capacity = 4, BytesPerProcess = 4096 });
        queue.Put(new byte[5000]);
        byte* arena = queue.Reference.Region.Data + QueueHeader.HeaderSize + new QueueLayout(queue.Reference.Region.Format).ArenaOffset;
        *(LargePlace*)arena = new LargePlace(start, length);
        Should.Throw<ChannelCorruptedException>(() => queue.TryTake(out _));
        *(LargePlace*)arena = new LargePlace(0, 5000);
        var ring = (ProducerRingHeader*)(queue.Reference.Region.Data + QueueHeader.HeaderSize);
        ring->LargeTail = QueueLayout.LargeSize + 1;
        Should.Throw<ChannelCorruptedException>(() => queue.TryTake(out _));
        Should.Throw<ChannelCorruptedException>(() => queue.TryPut(new byte[5000]));
        GC.KeepAlive(queue);
    }

    [ThreadFact]
    public void Bytes_that_are_no_message_give_a_typed_error_and_the_next_item_arrives()
    {
        using var lists = new ProcessQueue<List<int>>(4);
        lists.Put([1, 2, 3]);
        lists.Put([4]);
        byte* slots = lists.Reference.Region.Data + QueueHeader.HeaderSize + ProducerRingHeader.HeaderSize;
        byte* arena = lists.Reference.Region.Data + QueueHeader.HeaderSize + new QueueLayout(lists.Reference.Region.Format).ArenaOffset;
        var slot = *(ShippedSlot*)slots;
        new Span<byte>(arena + slot.Start, slot.Length).Fill(0xFF);
        Should.Throw<Samovar.Serialization.ShippingException>(() => lists.TryTake(out _));
        lists.Take().ShouldBe([4]);
    }

    [ThreadFact]
    public void An_item_that_is_no_message_takes_nothing_from_those_that_are_taken_with_it()
    {
        using var lists = new ProcessQueue<List<int>>(8);
        for (int i = 0; i < 6; i++) lists.Put([i]);
        Spoil(lists, 2);
        Spoil(lists, 4);
        var taken = new List<int>[8];

        lists.TryTakeMany(taken).ShouldBe(2);
        taken.Take(2).Select(static list => list.Single()).ShouldBe([0, 1]);
        Should.Throw<Samovar.Serialization.ShippingException>(() => lists.TryTakeMany(taken));
        lists.TakeMany(taken).ShouldBe(1);
        taken[0].ShouldBe([3]);
        Should.Throw<Samovar.Serialization.ShippingException>(() => lists.Take());
        lists.TakeMany(taken).ShouldBe(1);
        taken[0].ShouldBe([5]);
        lists.TryTakeMany(taken).ShouldBe(0);

        static void Spoil(ProcessQueue<List<int>> lists, int item)
        {
            byte* data = lists.Reference.Region.Data + QueueHeader.HeaderSize;
            var slot = ((ShippedSlot*)(data + ProducerRingHeader.HeaderSize))[item];
            new Span<byte>(data + new QueueLayout(lists.Reference.Region.Format).ArenaOffset + slot.Start, slot.Length).Fill(0xFF);
        }
    }

    [ThreadFact]
    public void A_header_whose_numbers_do_not_fit_is_refused()
    {
        var format = new ProcessQueueOptions { Capacity = 4, MaxProcesses = 2 }.FormatFor(QueueItems<int>.Format);
        new QueueLayout(format).Slots.ShouldBe(8);
        foreach (var forged in new[]
        {
            format with { Capacity = 0 }, format with { Capacity = -1 }, format with { Capacity = 1 << 25 }, format with { Capacity = 100_000 },
            format with { ProcessSlots = 0 }, format with { ProcessSlots = 100 }, format with { Traits = 3 },
        })
        {
            Should.Throw<ChannelCorruptedException>(() => new QueueLayout(forged));
        }
    }
}
