using System.Collections.Concurrent;
using System.Threading.Channels;
using static Samovar.Tests.Loops.LoopUnderTest;

namespace Samovar.Tests.Loops.Coordination;

/// <summary>Coordination off loops, from many threads at once, with cancellations at the moment of granting.</summary>
public sealed class CoordinationRaceTests
{
    [ThreadFact]
    public async Task A_hundred_thousand_are_released_one_by_one_on_a_loop_and_off_it()
    {
        const int many = 100_000;
        await RunAsync(static () => ReleaseAsync(many));
        await Task.Run(static () => ReleaseAsync(many));

        static async Task ReleaseAsync(int count)
        {
            var gate = new AsyncLock();
            var semaphore = new AsyncSemaphore(0);
            var queue = new AsyncQueue<int>();
            int entered = 0;
            var lease = await gate.EnterAsync();
            var all = Enumerable.Range(0, count).Select(_ => EnterAsync()).ToList();
            lease.Dispose();
            var takers = Enumerable.Range(0, count).Select(_ => queue.TakeAsync().AsTask()).ToList();
            for (int i = 0; i < count; i++) queue.TryPut(i);
            var waiters = Enumerable.Range(0, count).Select(_ => semaphore.WaitAsync().AsTask()).ToList();
            semaphore.Release(count);
            await Task.WhenAll(all);
            (await Task.WhenAll(takers)).ShouldBe(Enumerable.Range(0, count));
            await Task.WhenAll(waiters);
            entered.ShouldBe(count);

            async Task EnterAsync()
            {
                using (await gate.EnterAsync()) entered++;
            }
        }
    }

    [ThreadFact]
    public async Task Cancelled_waiters_are_not_kept()
    {
        var queue = new AsyncQueue<object>(capacity: 1);
        queue.TryPut(1);
        using var source = new CancellationTokenSource();
        var kept = await PutAsync(queue, source.Token);
        (await GcAssert.CollectUntilAsync(() => !kept.IsAlive)).ShouldBeTrue();

        static async Task<WeakReference> PutAsync(AsyncQueue<object> queue, CancellationToken outer)
        {
            var item = new object();
            var weak = new WeakReference(item);
            using var own = new CancellationTokenSource();
            var putting = Task.Run(async () => await CancelScope.RunAsync(async _ => await queue.PutAsync(item, own.Token), outer));
            await TestTimeout.UntilAsync(() => putting.Status == TaskStatus.WaitingForActivation);
            own.Cancel();
            (await CaughtAsync(putting)).ShouldNotBeNull();
            item = null;
            return weak;
        }
    }

    [ThreadFact]
    public async Task Permits_survive_cancellations_on_many_threads()
    {
        const int workers = 8, rounds = 3000;
        var semaphore = new AsyncSemaphore(2, 2);
        var gate = new AsyncLock();
        var limiter = new CapacityLimiter(2);
        var tokens = new AsyncEvent(true, EventResetMode.AutoReset);
        int entered = 0, canceled = 0;
        await Task.WhenAll(Enumerable.Range(0, workers).Select(worker => Task.Run(async () =>
        {
            for (int i = 0; i < rounds; i++)
            {
                using var source = new CancellationTokenSource();
                var canceling = (i + worker) % 3 == 0 ? Task.Run(source.Cancel) : Task.CompletedTask;
                try
                {
                    switch (i % 4)
                    {
                        case 0:
                            using (await gate.EnterAsync(source.Token)) Interlocked.Increment(ref entered);
                            break;
                        case 1:
                            using (await semaphore.EnterAsync(source.Token)) Interlocked.Increment(ref entered);
                            break;
                        case 2:
                            if (worker == 0) limiter.Total = 1 + (i % 5);
                            using (await limiter.EnterAsync(i % 2 == 0 ? null : new object(), source.Token)) Interlocked.Increment(ref entered);
                            break;
                        default:
                            await tokens.WaitAsync(source.Token);
                            tokens.Set();
                            break;
                    }
                }
                catch (OperationCanceledException)
                {
                    Interlocked.Increment(ref canceled);
                }

                await canceling;
            }
        }))).WaitAsync(TestTimeout.Wait);
        semaphore.CurrentCount.ShouldBe(2);
        gate.IsHeld.ShouldBeFalse();
        tokens.IsSet.ShouldBeTrue();
        limiter.GetStatistics().Borrowed.ShouldBe(0);
        (gate.Waiting + semaphore.Waiting + tokens.Waiting + limiter.GetStatistics().Waiting).ShouldBe(0);
    }

    [ThreadTheory]
    [InlineData(AsyncQueueOrder.FirstInFirstOut)]
    [InlineData(AsyncQueueOrder.LastInFirstOut)]
    [InlineData(AsyncQueueOrder.Priority)]
    public async Task Items_survive_cancellations_on_many_threads(AsyncQueueOrder order)
    {
        var queue = new AsyncQueue<int>(3, order);
        var put = new ConcurrentBag<int>();
        var taken = new ConcurrentBag<int>();
        var takers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            for (int i = 0; ; i++)
            {
                using var source = new CancellationTokenSource();
                var canceling = i % 3 == 0 ? Task.Run(source.Cancel) : Task.CompletedTask;
                try
                {
                    taken.Add(await queue.TakeAsync(source.Token));
                    queue.Done();
                }
                catch (OperationCanceledException)
                {
                }
                catch (ChannelClosedException)
                {
                    break;
                }

                await canceling;
            }
        })).ToList();
        var putters = Enumerable.Range(0, 4).Select(worker => Task.Run(async () =>
        {
            for (int i = 0; i < 3000; i++)
            {
                using var source = new CancellationTokenSource();
                var canceling = i % 3 == 0 ? Task.Run(source.Cancel) : Task.CompletedTask;
                int item = (worker * 10_000) + i;
                try
                {
                    await queue.PutAsync(item, source.Token);
                    put.Add(item);
                }
                catch (OperationCanceledException)
                {
                }

                await canceling;
            }
        })).ToList();
        await Task.WhenAll(putters).WaitAsync(TestTimeout.Wait);
        await queue.WaitUntilDoneAsync().AsTask().WaitAsync(TestTimeout.Wait);
        queue.Complete();
        await Task.WhenAll(takers).WaitAsync(TestTimeout.Wait);
        taken.Order().ShouldBe(put.Order());
    }
}
