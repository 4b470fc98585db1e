using System.Threading.Channels;
using static Samovar.Tests.Loops.LoopUnderTest;

namespace Samovar.Tests.Loops.Coordination;

public sealed class AsyncQueueTests
{
    [ThreadFact]
    public async Task Items_come_in_the_requested_order() => await RunAsync(static async () =>
    {
        (await OrderAsync(new AsyncQueue<string>())).ShouldBe(["pear", "fig", "apple", "kiwi"]);
        (await OrderAsync(new AsyncQueue<string>(order: AsyncQueueOrder.LastInFirstOut))).ShouldBe(["kiwi", "apple", "fig", "pear"]);
        (await OrderAsync(new AsyncQueue<string>(order: AsyncQueueOrder.Priority, comparer: Comparer<string>.Create(static (a, b) => a.Length.CompareTo(b.Length)))))
            .ShouldBe(["fig", "pear", "kiwi", "apple"], "among equals the oldest is the first");

        static async Task<List<string>> OrderAsync(AsyncQueue<string> queue)
        {
            foreach (string item in (string[])["pear", "fig", "apple", "kiwi"]) await queue.PutAsync(item);
            queue.Complete();
            var taken = new List<string>();
            await foreach (string item in queue.TakeAllAsync()) taken.Add(item);
            queue.IsCompleted.ShouldBeTrue();
            return taken;
        }
    });

    [ThreadFact]
    public async Task A_full_queue_holds_back_producers_in_order() => await RunAsync(static async () =>
    {
        var queue = new AsyncQueue<int>(capacity: 2);
        queue.TryPut(0).ShouldBeTrue();
        await queue.PutAsync(1);
        queue.TryPut(9).ShouldBeFalse();
        var putting = new[] { queue.PutAsync(2).AsTask(), queue.PutAsync(3).AsTask() };
        queue.Count.ShouldBe(2);
        for (int i = 0; i < 4; i++) (await queue.TakeAsync()).ShouldBe(i);
        await Task.WhenAll(putting);
        queue.TryTake(out _).ShouldBeFalse();
    });

    [ThreadFact]
    public void Nothing_is_lost_or_doubled_with_many_on_both_sides_and_cancellations_whatever_the_schedule() => EventLoop.Explore(
        static async () =>
        {
            var queue = new AsyncQueue<int>(capacity: 1);
            var taken = new List<int>();
            var given = new List<int>();
            await TaskGroup.RunAsync(async group =>
            {
                for (int i = 0; i < 4; i++)
                {
                    int number = i;
                    group.Run(() => PutAsync(number));
                    group.Run(TakeAsync);
                }

                await SleepAsync(1);
                while (queue.TryTake(out int item)) taken.Add(item);
                group.Cancel();
            });
            taken.Order().ShouldBe(given.Order());

            async Task PutAsync(int number)
            {
                for (int i = 0; i < 3; i++)
                {
                    int item = (10 * number) + i;
                    if (await CancelScope.RunAsync(async scope =>
                    {
                        if (i == 1) EventLoop.Current!.Post(scope.Cancel);
                        await queue.PutAsync(item);
                    }))
                    {
                        given.Add(item);
                    }
                }
            }

            async Task TakeAsync()
            {
                for (int i = 0; i < 3; i++)
                {
                    await CancelScope.RunAsync(async scope =>
                    {
                        if (i == 1) EventLoop.Current!.Post(scope.Cancel);
                        taken.Add(await queue.TakeAsync());
                    });
                }
            }
        },
        200);

    [ThreadFact]
    public async Task Completing_refuses_producers_and_releases_consumers() => await RunAsync(static async () =>
    {
        var empty = new AsyncQueue<int>(name: "jobs");
        var taking = empty.TakeAsync().AsTask();
        empty.Complete();
        empty.TryComplete().ShouldBeFalse();
        Should.Throw<ChannelClosedException>(() => empty.Complete()).Message.ShouldContain("'jobs'");
        (await CaughtAsync(taking)).ShouldBeOfType<ChannelClosedException>().Message.ShouldContain("'jobs'");
        (await CaughtAsync(empty.PutAsync(1).AsTask())).ShouldBeOfType<ChannelClosedException>();
        empty.TryPut(1).ShouldBeFalse();
        (await CaughtAsync(Task.Run(async () => await empty.TakeAsync()))).ShouldBeOfType<ChannelClosedException>();

        var full = new AsyncQueue<int>(capacity: 1);
        await full.PutAsync(1);
        var putting = full.PutAsync(2).AsTask();
        full.Complete(new FormatException("the source failed"));
        (await CaughtAsync(putting)).ShouldBeOfType<ChannelClosedException>();
        (await full.TakeAsync()).ShouldBe(1);
        var error = await CaughtAsync(DrainAsync(full));
        error.ShouldBeOfType<ChannelClosedException>().InnerException.ShouldBeOfType<FormatException>();

        static async Task DrainAsync(AsyncQueue<int> queue)
        {
            await foreach (int _ in queue.TakeAllAsync())
            {
            }
        }
    });

    [ThreadFact]
    public async Task Clearing_counts_as_done_and_admits_waiters_for_room() => await RunAsync(static async () =>
    {
        var queue = new AsyncQueue<int>(capacity: 2);
        await queue.PutAsync(1);
        await queue.PutAsync(2);
        var putting = queue.PutAsync(3).AsTask();
        var done = queue.WaitUntilDoneAsync().AsTask();
        queue.Clear().ShouldBe(3);
        await putting;
        await done;
        queue.Count.ShouldBe(0);
    });

    [ThreadFact]
    public async Task Waiting_until_all_is_done_ends_at_zero_and_at_once_when_nothing_was_put() => await RunAsync(static async () =>
    {
        var queue = new AsyncQueue<int>();
        await queue.WaitUntilDoneAsync();
        Should.Throw<InvalidOperationException>(queue.Done);
        await queue.PutAsync(1);
        Should.Throw<InvalidOperationException>(queue.Done).Message.ShouldContain("taken");
        await queue.PutAsync(2);
        var done = queue.WaitUntilDoneAsync().AsTask();
        for (int i = 0; i < 2; i++)
        {
            done.IsCompleted.ShouldBeFalse();
            await queue.TakeAsync();
            queue.Done();
        }

        await done;
        Should.Throw<InvalidOperationException>(queue.Done);
        await queue.PutAsync(3);
        await queue.PutAsync(4);
        await queue.TakeAsync();
        await queue.TakeAsync();
        Should.Throw<InvalidOperationException>(() => queue.Done(3));
        Should.Throw<ArgumentOutOfRangeException>(() => queue.Done(-1));
        queue.Done(2);
        await queue.WaitUntilDoneAsync();
    });

    [ThreadFact]
    public async Task Threads_share_it_without_a_loop()
    {
        var queue = new AsyncQueue<int>(capacity: 4);
        long sum = 0;
        var takers = Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            await foreach (int item in queue.TakeAllAsync()) Interlocked.Add(ref sum, item);
        })).ToList();
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            for (int i = 1; i <= 1000; i++) await queue.PutAsync(i);
        }))).WaitAsync(TestTimeout.Wait);
        queue.Complete();
        await Task.WhenAll(takers).WaitAsync(TestTimeout.Wait);
        sum.ShouldBe(3 * 500_500);
    }

    [ThreadFact]
    public void Bad_arguments_are_refused()
    {
        Should.Throw<ArgumentOutOfRangeException>(static () => new AsyncQueue<int>(0)).ParamName.ShouldBe("capacity");
        Should.Throw<ArgumentOutOfRangeException>(static () => new AsyncQueue<int>(order: (AsyncQueueOrder)9)).ParamName.ShouldBe("order");
    }
}
