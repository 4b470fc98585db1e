using System.Buffers;
using System.Threading.Channels;
using Samovar.Ipc;
using Samovar.Serialization;

namespace Samovar.Tests.Ipc.Queues;

/// <summary>A queue in one process: every operation, with rings so small that they wrap around all the time.</summary>
public sealed class ProcessQueueTests
{
    private static readonly TimeSpan s_moment = TimeSpan.FromMilliseconds(5);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<int> Capacities => [1, 2, 3, 4, 1000];

    [ThreadTheory]
    [MemberData(nameof(Capacities))]
    public void Numbers_arrive_in_order_and_a_full_queue_takes_no_more(int capacity)
    {
        using var queue = new ProcessQueue<int>(capacity);
        int next = 0;
        for (int round = 0; round < 50; round++)
        {
            for (int i = 0; i < capacity; i++) queue.TryPut((round * capacity) + i).ShouldBeTrue();
            queue.TryPut(-1).ShouldBeFalse();
            queue.Count.ShouldBe(capacity);
            for (int i = 0; i < capacity; i++) queue.Take(Token).ShouldBe(next++);
            queue.TryTake(out _).ShouldBeFalse();
        }
    }

    [ThreadTheory]
    [MemberData(nameof(Capacities))]
    public void Strings_arrive_in_order_and_a_full_queue_takes_no_more(int capacity)
    {
        using var queue = new ProcessQueue<string?>(new ProcessQueueOptions { Capacity = capacity, BytesPerProcess = 4096 });
        for (int round = 0; round < 50; round++)
        {
            int put = 0;
            while (queue.TryPut(Text(put))) put++;
            put.ShouldBeInRange(1, capacity);
            for (int i = 0; i < put; i++) queue.Take(Token).ShouldBe(Text(i));
            queue.TryTake(out _).ShouldBeFalse();
        }

        string? Text(int i) => i % 5 == 4 ? null : new string((char)('a' + (i % 26)), i * 37 % 200);
    }

    [ThreadTheory]
    [MemberData(nameof(Capacities))]
    public async Task Batches_go_through_whole_and_in_order(int capacity)
    {
        using var queue = new ProcessQueue<long>(capacity);
        long[] numbers = [.. Enumerable.Range(0, 5000).Select(static n => (long)n)];
        var putting = TestSupport.OnOwnThread(() =>
        {
            queue.PutMany(numbers, Token);
            queue.Complete();
        });
        var taken = new List<long>();
        long[] some = new long[7];
        while (queue.TakeMany(some, Token) is > 0 and var count) taken.AddRange(some.AsSpan(0, count));
        taken.ShouldBe(numbers);
        queue.TakeMany(some, Token).ShouldBe(0);
        await putting.WaitAsync(TestTimeout.Wait, Token);
    }

    [ThreadTheory]
    [MemberData(nameof(Capacities))]
    public async Task It_is_a_channel(int capacity)
    {
        using var queue = new ProcessQueue<int>(capacity);
        Channel<int> channel = queue;
        var writing = Task.Run(async () =>
        {
            for (int i = 0; i < 1000; i++)
            {
                if (i % 2 == 0) await channel.Writer.WriteAsync(i, Token);
                else while (await channel.Writer.WaitToWriteAsync(Token) && !channel.Writer.TryWrite(i)) { }
            }

            channel.Writer.Complete();
        }, Token);
        (await channel.Reader.ReadAllAsync(Token).ToListAsync(Token)).ShouldBe(Enumerable.Range(0, 1000));
        await writing.WaitAsync(TestTimeout.Wait, Token);
        await channel.Reader.Completion.WaitAsync(TestTimeout.Wait, Token);
        (await channel.Reader.WaitToReadAsync(Token)).ShouldBeFalse();
        (await channel.Writer.WaitToWriteAsync(Token)).ShouldBeFalse();
        channel.Writer.TryWrite(1).ShouldBeFalse();
        channel.Writer.TryComplete().ShouldBeFalse();
        await Should.ThrowAsync<ChannelClosedException>(async () => await channel.Writer.WriteAsync(1, Token));
        await Should.ThrowAsync<ChannelClosedException>(async () => await channel.Reader.ReadAsync(Token));
    }

    [ThreadFact]
    public async Task What_is_there_is_taken_before_the_error_of_completion()
    {
        using var queue = new ProcessQueue<int>(4);
        queue.Put(1, Token);
        queue.Complete(new InvalidDataException("no more of it"));
        queue.IsCompleted.ShouldBeTrue();
        Should.Throw<ChannelClosedException>(() => queue.Complete());
        queue.TryPut(2).ShouldBeFalse();
        Should.Throw<ChannelClosedException>(() => queue.Put(2, Token)).InnerException.ShouldBeOfType<InvalidDataException>();
        queue.Reader.Completion.IsCompleted.ShouldBeFalse();
        queue.Take(Token).ShouldBe(1);
        Should.Throw<ChannelClosedException>(() => queue.Take(Token)).InnerException!.Message.ShouldBe("no more of it");
        Should.Throw<ChannelClosedException>(() => queue.TakeMany(new int[1], Token));
        queue.TryTake(out _).ShouldBeFalse();
        await Should.ThrowAsync<InvalidDataException>(() => queue.Reader.Completion.WaitAsync(TestTimeout.Wait, Token));
    }

    [ThreadFact]
    public void An_error_too_long_for_the_queue_is_passed_as_text()
    {
        using var queue = new ProcessQueue<int>(4);
        queue.Complete(new InvalidDataException(new string('x', 100_000)));
        var error = Should.Throw<ChannelClosedException>(() => queue.Take(Token)).InnerException.ShouldBeOfType<RemoteException>();
        error.TypeName.ShouldContain(nameof(InvalidDataException));
        error.RemoteMessage.ShouldStartWith("xxxx");
    }

    [ThreadFact]
    public async Task Waits_end_with_their_time_their_token_or_the_queue()
    {
        using var queue = new ProcessQueue<int>(1);
        queue.TryTake(out _, s_moment, Token).ShouldBeFalse();
        queue.Put(1, Token);
        queue.TryPut(2, s_moment, Token).ShouldBeFalse();
        using var source = new CancellationTokenSource();
        var putting = TestSupport.OnOwnThread(() => Should.Throw<OperationCanceledException>(() => queue.Put(2, source.Token)));
        var writing = queue.Writer.WriteAsync(3, source.Token).AsTask();
        await TestTimeout.UntilAsync(() => queue.GetStatistics().LocalWaiters == 2);
        await source.CancelAsync();
        await putting.WaitAsync(TestTimeout.Wait, Token);
        await Should.ThrowAsync<OperationCanceledException>(() => writing.WaitAsync(TestTimeout.Wait, Token));
        queue.Count.ShouldBe(1);
        queue.Take(Token).ShouldBe(1);

        var taking = TestSupport.OnOwnThread(() => Should.Throw<ObjectDisposedException>(() => queue.Take(Token)));
        var reading = queue.Reader.ReadAsync(Token).AsTask();
        await TestTimeout.UntilAsync(() => queue.GetStatistics().LocalWaiters == 2);
        queue.Dispose();
        await taking.WaitAsync(TestTimeout.Wait, Token);
        await Should.ThrowAsync<ObjectDisposedException>(() => reading.WaitAsync(TestTimeout.Wait, Token));
        Should.Throw<ObjectDisposedException>(() => queue.TryPut(1));
    }

    [ThreadFact]
    public async Task A_completed_queue_releases_all_waiters()
    {
        using var queue = new ProcessQueue<int>(1);
        var takers = Enumerable.Range(0, 3).Select(_ => TestSupport.OnOwnThread(() => Should.Throw<ChannelClosedException>(() => queue.Take(Token)))).ToList();
        var reading = queue.Reader.WaitToReadAsync(Token).AsTask();
        await TestTimeout.UntilAsync(() => queue.GetStatistics().LocalWaiters == 4);
        queue.Complete();
        await Task.WhenAll(takers).WaitAsync(TestTimeout.Wait, Token);
        (await reading.WaitAsync(TestTimeout.Wait, Token)).ShouldBeFalse();

        using var full = new ProcessQueue<int>(1);
        full.Put(1, Token);
        var putting = TestSupport.OnOwnThread(() => Should.Throw<ChannelClosedException>(() => full.Put(2, Token)));
        await TestTimeout.UntilAsync(() => full.GetStatistics().LocalWaiters == 1);
        full.Complete();
        await putting.WaitAsync(TestTimeout.Wait, Token);
        full.Take(Token).ShouldBe(1);
    }

    [ThreadFact]
    public async Task A_wait_that_takes_nothing_leaves_the_item_to_other_waiters()
    {
        using var queue = new ProcessQueue<int>(1);
        var looking = queue.Reader.WaitToReadAsync(Token).AsTask();
        await TestTimeout.UntilAsync(() => queue.GetStatistics().LocalWaiters == 1);
        var taking = TestSupport.OnOwnThread(() => queue.Take(Token).ShouldBe(5));
        await TestTimeout.UntilAsync(() => queue.GetStatistics().LocalWaiters == 2);
        queue.Put(5, Token);
        await taking.WaitAsync(TestTimeout.Wait, Token);
        queue.Put(6, Token);
        (await looking.WaitAsync(TestTimeout.Wait, Token)).ShouldBeTrue();
    }

    [ThreadTheory]
    [InlineData(ProcessQueueFullMode.DropOldest)]
    [InlineData(ProcessQueueFullMode.DropWrite)]
    public void A_full_queue_that_does_not_wait_drops_and_counts(ProcessQueueFullMode mode)
    {
        using var numbers = new ProcessQueue<int>(new ProcessQueueOptions { Capacity = 2, FullMode = mode });
        using var texts = new ProcessQueue<string>(new ProcessQueueOptions { Capacity = 2, FullMode = mode });
        for (int i = 0; i < 5; i++)
        {
            numbers.Put(i, Token);
            texts.Put($"{i}", Token);
        }

        int[] left = mode == ProcessQueueFullMode.DropOldest ? [3, 4] : [0, 1];
        foreach (int n in left)
        {
            numbers.Take(Token).ShouldBe(n);
            texts.Take(Token).ShouldBe($"{n}");
        }

        foreach (var statistics in new[] { numbers.GetStatistics(), texts.GetStatistics() })
        {
            statistics.Dropped.ShouldBe(3);
            statistics.Taken.ShouldBe(2);
            statistics.Waiting.ShouldBe(0);
        }
    }

    [ThreadTheory]
    [InlineData(900)]
    [InlineData(3_000)]
    public void The_oldest_are_dropped_where_their_bytes_are_in_the_way_too(int length)
    {
        using var queue = new ProcessQueue<byte[]>(new ProcessQueueOptions { Capacity = 1000, BytesPerProcess = 4096, FullMode = ProcessQueueFullMode.DropOldest });
        for (byte i = 0; i < 100; i++) queue.Put([i, .. new byte[length]], Token);
        var statistics = queue.GetStatistics();
        statistics.Waiting.ShouldBe(100 - statistics.Dropped);
        for (long i = statistics.Dropped; i < 100; i++) queue.Take(Token)[0].ShouldBe((byte)i);
    }

    [ThreadFact]
    public async Task Work_is_waited_for_until_it_is_done()
    {
        using var queue = new ProcessQueue<int>(new ProcessQueueOptions { TrackCompletion = true });
        await queue.WaitUntilDoneAsync(Token).AsTask().WaitAsync(TestTimeout.Wait, Token);
        queue.PutMany([1, 2], Token);
        queue.WaitUntilDone(s_moment, Token).ShouldBeFalse();
        Should.Throw<InvalidOperationException>(queue.Done);
        queue.Take(Token);
        queue.Take(Token);
        queue.Done();
        var waiting = queue.WaitUntilDoneAsync(Token).AsTask();
        await TestTimeout.UntilAsync(() => queue.GetStatistics().LocalWaiters == 1);
        queue.Done();
        await waiting.WaitAsync(TestTimeout.Wait, Token);
        Should.Throw<InvalidOperationException>(queue.Done);
        queue.PutMany([1, 2, 3], Token);
        int[] taken = new int[3];
        queue.TakeMany(taken, Token).ShouldBe(3);
        Should.Throw<InvalidOperationException>(() => queue.Done(4)).Message.ShouldContain("has taken 5 items and marked 2");
        Should.Throw<ArgumentOutOfRangeException>(() => queue.Done(-1));
        queue.Done(0);
        queue.WaitUntilDone(TimeSpan.Zero, Token).ShouldBeFalse();
        queue.Done(3);
        queue.WaitUntilDone(TimeSpan.Zero, Token).ShouldBeTrue();
        using var other = new ProcessQueue<int>();
        Should.Throw<InvalidOperationException>(other.Done).Message.ShouldContain("TrackCompletion");
    }

    [ThreadTheory]
    [InlineData(100)]
    [InlineData(5_000)]
    [InlineData(3_000_000)]
    public async Task Items_larger_than_the_queue_travel(int length)
    {
        using var bytes = new ProcessQueue<byte[]>(new ProcessQueueOptions { Capacity = 2, BytesPerProcess = 4096 });
        using var lists = new ProcessQueue<List<int>>(new ProcessQueueOptions { Capacity = 2, BytesPerProcess = 4096 });
        byte[] sent = new byte[length];
        new Random(1).NextBytes(sent);
        var putting = TestSupport.OnOwnThread(() =>
        {
            for (int i = 0; i < 10; i++)
            {
                bytes.Put(sent, Token);
                lists.Put([.. Enumerable.Range(i, length / 4)], Token);
            }
        });
        for (int i = 0; i < 10; i++)
        {
            bytes.Take(Token).AsSpan().SequenceEqual(sent).ShouldBeTrue();
            lists.Take(Token).SequenceEqual(Enumerable.Range(i, length / 4)).ShouldBeTrue();
        }

        await putting.WaitAsync(TestTimeout.Wait, Token);
    }

    [ThreadFact]
    public void An_item_whose_codec_gets_no_memory_was_taken_and_says_so()
    {
        using var part = new SharedValue<int>();
        using var queue = new ProcessQueue<Crate>(4);
        queue.Put(new Crate(null, new Glutton()), Token);
        queue.Put(new Crate(part, new Glutton()), Token); // what it shares is opened while it is taken
        Should.Throw<OutOfMemoryException>(() => queue.Take(Token));
        Should.Throw<OutOfMemoryException>(() => queue.Take(Token));
        queue.TryTake(out _).ShouldBeFalse();
        queue.GetStatistics().Taken.ShouldBe(2);
    }

    [ThreadTheory]
    [InlineData(typeof(OutOfMemoryException))]
    [InlineData(typeof(FormatException))]
    public async Task What_is_held_for_an_item_and_cannot_be_released_does_not_keep_what_is_held_for_others(Type error)
    {
        using var queue = new ProcessQueue<Parcel>(4);
        Parcel[] parcels = [new Parcel((Exception)Activator.CreateInstance(error)!), new Parcel(null), new Parcel(null)];
        queue.Put(parcels[0], Token);
        queue.Put(parcels[1], Token);
        for (int i = 0; i < 2; i++) queue.Take(Token);
        await TestTimeout.UntilAsync(() => parcels[0].IsReleased);
        await TestTimeout.UntilAsync(() =>
        {
            if (queue.Count == 0) queue.Put(parcels[2], Token); // which tries again
            queue.Take(Token);
            return parcels[1].IsReleased && parcels[2].IsReleased;
        });
    }

    [ThreadFact]
    public void Options_out_of_their_range_are_refused()
    {
        Refused(new ProcessQueueOptions { Capacity = 0 });
        Refused(new ProcessQueueOptions { Capacity = (1 << 24) + 1 });
        Refused(new ProcessQueueOptions { MaxProcesses = 0 });
        Refused(new ProcessQueueOptions { MaxProcesses = 4097 });
        Refused(new ProcessQueueOptions { BytesPerProcess = 4095 });
        Refused(new ProcessQueueOptions { FullMode = (ProcessQueueFullMode)3 });
        using var one = new ProcessQueue<int>(new ProcessQueueOptions { MaxProcesses = 1, Capacity = 1 });
        one.GetStatistics().Capacity.ShouldBe(1);

        static void Refused(ProcessQueueOptions options) => Should.Throw<ArgumentOutOfRangeException>(() => new ProcessQueue<int>(options));
    }

    [ThreadFact]
    public void Statistics_count_and_the_debugger_shows_them()
    {
        using var queue = new ProcessQueue<int>(8);
        queue.PutMany([1, 2, 3], Token);
        queue.Take(Token);
        var statistics = queue.GetStatistics();
        statistics.Put.ShouldBe(3);
        statistics.Taken.ShouldBe(1);
        statistics.Waiting.ShouldBe(2);
        statistics.Processes.ShouldBe(1);
        statistics.PutRate.ShouldBeGreaterThan(statistics.TakeRate);
        queue.GetStatistics().PutRate.ShouldBe(0);
        new ProcessQueueDebugView<int>(queue).Statistics!.Waiting.ShouldBe(2);
    }

    private sealed record Crate(SharedValue<int>? Part, Glutton Glutton);

    [ShipWith(typeof(ParcelCodec))]
    private sealed class Parcel(Exception? error) : IDisposable
    {
        private int _releases;

        public bool IsReleased => Volatile.Read(ref _releases) > 0;

        public void Dispose()
        {
            Interlocked.Increment(ref _releases);
            if (error is not null) throw error;
        }
    }

    private sealed class ParcelCodec : LiveCodec<Parcel>
    {
        public override void Export(Parcel value, IBufferWriter<byte> output, LiveConnector connector) => connector.Keep(value);

        public override Parcel Import(ReadOnlySpan<byte> payload, LiveConnector connector) => new(null);
    }

    [ShipWith(typeof(GluttonCodec))]
    private sealed class Glutton;

    private sealed class GluttonCodec : PayloadCodec<Glutton>
    {
        public override void Write(Glutton value, IBufferWriter<byte> output) => output.Write("g"u8);

        public override Glutton Read(ReadOnlySpan<byte> payload)
        {
            GC.KeepAlive(GC.AllocateUninitializedArray<byte>(int.MaxValue)); // which no array may have
            return new Glutton();
        }
    }
}
