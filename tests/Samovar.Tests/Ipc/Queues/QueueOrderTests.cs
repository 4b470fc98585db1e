using System.Threading.Channels;
using Samovar.Ipc;

namespace Samovar.Tests.Ipc.Queues;

/// <summary>Reads and writes of a queue's channel that wait at the same time: their order, their ends, and what they leave to the others.</summary>
public sealed class QueueOrderTests
{
    private const int Many = 50;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [ThreadFact]
    public async Task Writes_that_wait_are_served_in_the_order_in_which_they_came()
    {
        for (int round = 0; round < 20; round++)
        {
            using var queue = new ProcessQueue<int>(1);
            queue.Put(0, Token);
            var taken = new List<int>();
            var taking = TestSupport.OnOwnThread(() =>
            {
                for (int i = 0; i <= Many; i++) taken.Add(queue.Take(Token));
            });
            Task[] writes = [.. Enumerable.Range(1, Many).Select(i => queue.Writer.WriteAsync(i, Token).AsTask())]; // while room comes and goes
            await Task.WhenAll(writes).WaitAsync(TestTimeout.Wait, Token);
            await taking.WaitAsync(TestTimeout.Wait, Token);
            taken.ShouldBe(Enumerable.Range(0, Many + 1));
        }
    }

    [ThreadFact]
    public async Task Reads_that_wait_are_served_in_the_order_in_which_they_came()
    {
        for (int round = 0; round < 20; round++)
        {
            using var queue = new ProcessQueue<string>(Many);
            var putting = TestSupport.OnOwnThread(() =>
            {
                for (int i = 0; i < Many; i++) queue.Put($"{i}", Token);
            });
            Task<string>[] reads = [.. Enumerable.Range(0, Many).Select(_ => queue.Reader.ReadAsync(Token).AsTask())]; // while items come
            (await Task.WhenAll(reads).WaitAsync(TestTimeout.Wait, Token)).ShouldBe(Enumerable.Range(0, Many).Select(static i => $"{i}"));
            await putting.WaitAsync(TestTimeout.Wait, Token);
        }
    }

    [ThreadFact]
    public async Task What_does_not_wait_does_not_overtake_what_waits()
    {
        using var queue = new ProcessQueue<int>(1);
        var read = queue.Reader.ReadAsync(Token).AsTask();
        queue.Reader.TryRead(out _).ShouldBeFalse();
        queue.Put(1, Token);
        int overtaken = queue.Reader.TryRead(out int item) ? item : 2; // the read may be over by now, and the queue empty
        overtaken.ShouldBe(2);
        (await read.WaitAsync(TestTimeout.Wait, Token)).ShouldBe(1);

        queue.Put(2, Token);
        var write = queue.Writer.WriteAsync(3, Token).AsTask();
        queue.Take(Token).ShouldBe(2);
        if (queue.Writer.TryWrite(4)) throw new InvalidOperationException("4 came before 3, or where there was no room.");
        await write.WaitAsync(TestTimeout.Wait, Token);
        queue.Take(Token).ShouldBe(3);
        queue.Writer.TryWrite(4).ShouldBeTrue();
    }

    [ThreadFact]
    public async Task A_cancelled_write_does_not_block_the_next_one()
    {
        using var queue = new ProcessQueue<byte[]>(new ProcessQueueOptions { Capacity = 100, BytesPerProcess = 4096 });
        int put = 0;
        while (queue.TryPut(new byte[1000])) put++;
        using var source = new CancellationTokenSource();
        var large = queue.Writer.WriteAsync(new byte[1000], source.Token).AsTask();
        large.IsCompleted.ShouldBeFalse("there is no room for a thousand bytes");
        var small = queue.Writer.WriteAsync([1], Token).AsTask();
        small.IsCompleted.ShouldBeFalse("there is room for one byte, but it came second");
        await source.CancelAsync();
        await small.WaitAsync(TestTimeout.Wait, Token);
        await Should.ThrowAsync<OperationCanceledException>(() => large.WaitAsync(TestTimeout.Wait, Token));
        for (int i = 0; i < put; i++) queue.Take(Token).Length.ShouldBe(1000);
        queue.Take(Token).ShouldBe([1]);
    }

    [ThreadTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_large_item_that_waits_for_room_uses_up_no_wake_up_of_a_small_one(bool isAsynchronous)
    {
        using var queue = new ProcessQueue<byte[]>(new ProcessQueueOptions { Capacity = 100, BytesPerProcess = 4096 });
        int put = 0;
        while (queue.TryPut(new byte[1000])) put++;
        while (queue.TryPut([1])) put++;
        var large = isAsynchronous ? queue.Writer.WriteAsync(new byte[1600], Token).AsTask() : TestSupport.OnOwnThread(() => queue.Put(new byte[1600], Token));
        await TestTimeout.UntilAsync(() => queue.GetStatistics().LocalWaiters == 1); // first in line
        var small = TestSupport.OnOwnThread(() => queue.Put(new byte[500], Token));
        await TestTimeout.UntilAsync(() => queue.GetStatistics().LocalWaiters == 2);
        queue.Take(Token);
        await small.WaitAsync(TestTimeout.Wait, Token);
        large.IsCompleted.ShouldBeFalse();
        for (int i = 1; i < put; i++) queue.Take(Token);
        await large.WaitAsync(TestTimeout.Wait, Token);
        queue.Take(Token).Length.ShouldBe(500);
        queue.Take(Token).Length.ShouldBe(1600);
    }

    [ThreadFact]
    public async Task Waiters_for_an_item_and_readers_do_not_block_each_other()
    {
        using var queue = new ProcessQueue<int>(2);
        var read = queue.Reader.ReadAsync(Token).AsTask();
        var waiting = queue.Reader.WaitToReadAsync(Token).AsTask();
        var another = queue.Reader.ReadAsync(Token).AsTask();
        queue.PutMany([1, 2], Token);
        (await read.WaitAsync(TestTimeout.Wait, Token)).ShouldBe(1);
        (await waiting.WaitAsync(TestTimeout.Wait, Token)).ShouldBeTrue();
        (await another.WaitAsync(TestTimeout.Wait, Token)).ShouldBe(2);
        var last = queue.Reader.ReadAsync(Token).AsTask();
        var end = queue.Reader.WaitToReadAsync(Token).AsTask();
        queue.Complete();
        (await end.WaitAsync(TestTimeout.Wait, Token)).ShouldBeFalse();
        await Should.ThrowAsync<ChannelClosedException>(() => last.WaitAsync(TestTimeout.Wait, Token));
    }

    [ThreadFact]
    public async Task Many_that_wait_and_then_try_to_read_take_every_item()
    {
        const int readers = 8;
        using var queue = new ProcessQueue<int>(Many);
        int taken = 0;
        Task[] reading = [.. Enumerable.Range(0, readers).Select(_ => Task.Run(ReadAsync, Token))];
        for (int i = 0; i < Many; i++)
        {
            await TestTimeout.UntilAsync(() => queue.GetStatistics().LocalWaiters == readers);
            queue.Put(i, Token);
            await TestTimeout.UntilAsync(() => Volatile.Read(ref taken) == i + 1);
        }

        queue.Complete();
        await Task.WhenAll(reading).WaitAsync(TestTimeout.Wait, Token);
        taken.ShouldBe(Many);

        async Task ReadAsync()
        {
            await foreach (int _ in queue.Reader.ReadAllAsync(Token)) Interlocked.Increment(ref taken);
        }
    }

    [ThreadFact]
    public async Task A_wait_for_an_item_blocks_no_read()
    {
        using var queue = new ProcessQueue<int>(1);
        for (int i = 0; i < 20; i++)
        {
            Task<bool>[] waiting = [.. Enumerable.Range(0, 2).Select(_ => queue.Reader.WaitToReadAsync(Token).AsTask())];
            queue.Put(i, Token);
            queue.Reader.TryRead(out int item).ShouldBeTrue("waiters for an item take nothing");
            item.ShouldBe(i);
            queue.Put(i, Token); // for the waiters that were not woken by the first
            (await Task.WhenAll(waiting).WaitAsync(TestTimeout.Wait, Token)).ShouldAllBe(static isThere => isThere);
            queue.Take(Token).ShouldBe(i);
        }
    }

    [ThreadFact]
    public async Task Many_that_wait_and_then_try_to_send_use_all_room()
    {
        const int senders = 8;
        var (sender, receiver) = ProcessPipe.CreateOneWay<int>(new ProcessPipeOptions { Capacity = 1 });
        using (sender)
        using (receiver)
        {
            sender.Send(-1, Token);
            Task[] sending = [.. Enumerable.Range(0, senders).Select(i => Task.Run(() => SendAsync(i), Token))];
            await TestTimeout.UntilAsync(() => sender.GetStatistics().LocalWaiters == senders);
            var received = new List<int>();
            for (int i = 0; i <= senders; i++) received.Add(await receiver.ReadAsync(Token).AsTask().WaitAsync(TestTimeout.Wait, Token));
            await Task.WhenAll(sending).WaitAsync(TestTimeout.Wait, Token);
            received.Order().ShouldBe(Enumerable.Range(-1, senders + 1));
        }

        async Task SendAsync(int item)
        {
            while (!sender.TryWrite(item)) (await sender.WaitToWriteAsync(Token)).ShouldBeTrue();
        }
    }

    [ThreadFact]
    public async Task A_wait_for_room_blocks_no_write_and_waits_behind_earlier_writes()
    {
        using var queue = new ProcessQueue<byte[]>(new ProcessQueueOptions { Capacity = 100, BytesPerProcess = 4096 });
        while (queue.Writer.TryWrite(new byte[1000])) { }
        var room = queue.Writer.WaitToWriteAsync(Token).AsTask();
        room.IsCompleted.ShouldBeFalse("there is no room for a thousand bytes");
        queue.Writer.TryWrite([1]).ShouldBeTrue("a wait for room puts nothing, so a write need not wait for it");

        using var source = new CancellationTokenSource();
        var large = queue.Writer.WriteAsync(new byte[1000], source.Token).AsTask();
        large.IsCompleted.ShouldBeFalse();
        queue.Writer.TryWrite([2]).ShouldBeFalse("a write that waits comes first");
        var behind = queue.Writer.WaitToWriteAsync(Token).AsTask();
        behind.IsCompleted.ShouldBeFalse("a write that waits comes first");
        await source.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => large.WaitAsync(TestTimeout.Wait, Token));
        for (int i = 0; i < 2; i++) queue.Take(Token).Length.ShouldBe(1000);
        (await Task.WhenAll(room, behind).WaitAsync(TestTimeout.Wait, Token)).ShouldAllBe(static isRoom => isRoom);
        queue.Writer.TryWrite(new byte[1000]).ShouldBeTrue();
    }

    [ThreadFact]
    public async Task A_wait_for_completion_leaves_items_and_their_wake_ups_to_takers()
    {
        using var queue = new ProcessQueue<int>(2);
        var end = queue.Reader.Completion;
        await TestTimeout.UntilAsync(() => queue.GetStatistics().LocalWaiters == 1); // first in line
        for (int i = 0; i < 3; i++)
        {
            var taking = TestSupport.OnOwnThread(() => queue.Take(Token).ShouldBe(i));
            await TestTimeout.UntilAsync(() => queue.GetStatistics().LocalWaiters == 2);
            queue.Put(i, Token);
            await taking.WaitAsync(TestTimeout.Wait, Token);
        }

        queue.Put(3, Token);
        queue.Complete();
        end.IsCompleted.ShouldBeFalse("an item is left");
        queue.Take(Token).ShouldBe(3);
        await end.WaitAsync(TestTimeout.Wait, Token);
    }

    [ThreadFact]
    public async Task A_read_of_a_queue_that_failed_throws_as_every_channel_does()
    {
        var error = new InvalidDataException("no more of it");
        var plain = System.Threading.Channels.Channel.CreateBounded<int>(1);
        using var queue = new ProcessQueue<int>(1);
        var (sender, receiver) = ProcessPipe.CreateOneWay<int>();
        using (sender)
        using (receiver)
        {
            foreach (var (writer, reader) in (IEnumerable<(ChannelWriter<int>, ChannelReader<int>)>)[(plain.Writer, plain.Reader), (queue.Writer, queue.Reader), (sender, receiver)])
            {
                var waiting = reader.ReadAsync(Token).AsTask();
                writer.TryComplete(error).ShouldBeTrue();
                await ShouldBeClosedAsync(waiting);
                await ShouldBeClosedAsync(reader.ReadAsync(Token).AsTask());
                await ShouldBeClosedAsync(writer.WriteAsync(1, Token).AsTask());
                (await Should.ThrowAsync<InvalidDataException>(async () => await reader.WaitToReadAsync(Token))).Message.ShouldBe(error.Message);
            }
        }

        async Task ShouldBeClosedAsync(Task operation) =>
            (await Should.ThrowAsync<ChannelClosedException>(operation.WaitAsync(TestTimeout.Wait, Token))).InnerException.ShouldBeOfType<InvalidDataException>().Message.ShouldBe(error.Message);
    }

    [ThreadFact]
    public void A_take_that_finds_nothing_sets_the_default()
    {
        using var queue = new ProcessQueue<int>(1);
        var (sender, receiver) = ProcessPipe.CreateOneWay<int>();
        using (sender)
        using (receiver)
        {
            int item = 7;
            queue.TryTake(out item).ShouldBeFalse();
            item.ShouldBe(0);
            item = 7;
            queue.TryTake(out item, TimeSpan.Zero, Token).ShouldBeFalse();
            item.ShouldBe(0);
            item = 7;
            queue.Reader.TryRead(out item).ShouldBeFalse();
            item.ShouldBe(0);
            item = 7;
            receiver.TryReceive(out item, TimeSpan.Zero, Token).ShouldBeFalse();
            item.ShouldBe(0);
            item = 7;
            receiver.TryRead(out item).ShouldBeFalse();
            item.ShouldBe(0);
            item = 7;
            new AsyncQueue<int>().TryTake(out item).ShouldBeFalse();
            item.ShouldBe(0);
        }
    }
}
