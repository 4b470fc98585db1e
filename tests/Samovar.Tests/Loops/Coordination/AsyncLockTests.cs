using static Samovar.Tests.Loops.LoopUnderTest;

namespace Samovar.Tests.Loops.Coordination;

public sealed class AsyncLockTests
{
    [ThreadFact]
    public void One_at_a_time_holds_it_in_order_of_arrival_whatever_the_schedule() => EventLoop.Explore(
        static async () =>
        {
            var gate = new AsyncLock();
            List<int> arrived = [], entered = [];
            int inside = 0;
            await TaskGroup.RunAsync(group =>
            {
                for (int i = 0; i < 6; i++)
                {
                    int number = i;
                    group.Run(async () =>
                    {
                        await Task.Yield();
                        arrived.Add(number);
                        using (await gate.EnterAsync())
                        {
                            entered.Add(number);
                            (++inside).ShouldBe(1);
                            await Task.Yield();
                            inside--;
                        }
                    });
                }
            });
            entered.ShouldBe(arrived);
            gate.IsHeld.ShouldBeFalse();
            gate.Waiting.ShouldBe(0);
        },
        200);

    [ThreadFact]
    public async Task Cancelled_waiters_leave_the_order_of_the_others() => await RunAsync(static async () =>
    {
        var gate = new AsyncLock("gate");
        var order = new List<int>();
        using var source = new CancellationTokenSource();
        var lease = gate.TryEnter().ShouldNotBeNull();
        gate.TryEnter().ShouldBeNull();
        var waiting = Enumerable.Range(0, 5).Select(i => EnterAsync(i, i % 2 == 1 ? source.Token : default)).ToList();
        gate.Waiting.ShouldBe(5);
        await source.CancelAsync();
        gate.Waiting.ShouldBe(3);
        lease.Dispose();
        lease.Dispose();
        foreach (int i in (int[])[0, 2, 4]) await waiting[i];
        order.ShouldBe([0, 2, 4]);
        foreach (int i in (int[])[1, 3]) (await CaughtAsync(waiting[i])).ShouldBeAssignableTo<OperationCanceledException>()!.CancellationToken.ShouldBe(source.Token);
        gate.IsHeld.ShouldBeFalse();

        async Task EnterAsync(int number, CancellationToken token)
        {
            using (await gate.EnterAsync(token)) order.Add(number);
        }
    });

    [ThreadFact]
    public async Task A_waiter_that_is_cancelled_as_it_is_handed_the_lock_has_it_and_passes_it_on() => await RunAsync(static async () =>
    {
        var gate = new AsyncLock();
        using var source = new CancellationTokenSource();
        var lease = await gate.EnterAsync(CancellationToken.None);
        var next = gate.EnterAsync(source.Token);
        lease.Dispose();
        await source.CancelAsync();
        (await next).Dispose();
        gate.IsHeld.ShouldBeFalse();
        (await CaughtAsync(gate.EnterAsync(source.Token).AsTask())).ShouldBeAssignableTo<OperationCanceledException>("what is cancelled does not begin to wait, nor to hold");
        gate.IsHeld.ShouldBeFalse();
    });

    [ThreadFact]
    public async Task The_scope_around_cancels_a_wait() => await RunAsync(static async () =>
    {
        var gate = new AsyncLock();
        using (await gate.EnterAsync())
        {
            (await CancelScope.MoveOnAfterAsync(Second, async _ =>
            {
                using (await gate.EnterAsync()) Assert.Fail("it is held");
            })).ShouldBeFalse();
            gate.Waiting.ShouldBe(0);
        }
    });

    [ThreadFact]
    public async Task A_deadlock_of_two_locks_is_reported_with_their_names_and_holders()
    {
        string message = (await CaughtAsync(RunAsync(static async () =>
        {
            AsyncLock stove = new("stove"), pot = new("pot");
            await TaskGroup.RunAsync(group =>
            {
                group.Run(() => CookAsync(stove, pot), "ann");
                group.Run(() => CookAsync(pot, stove), "bob");
            });
        }))).ShouldBeOfType<LoopDeadlockException>().Message;
        message.ShouldContain("lock 'pot' (held by task 'bob'");
        message.ShouldContain("lock 'stove' (held by task 'ann'");
        message.ShouldContain("CookAsync (AsyncLockTests.cs:");

        static async Task CookAsync(AsyncLock first, AsyncLock second)
        {
            using (await first.EnterAsync())
            {
                await Task.Yield();
                using (await second.EnterAsync())
                {
                }
            }
        }
    }

    [ThreadFact]
    public async Task Threads_share_it_without_a_loop()
    {
        var gate = new AsyncLock();
        int inside = 0, sum = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (int i = 0; i < 500; i++)
            {
                using (await gate.EnterAsync())
                {
                    Interlocked.Increment(ref inside).ShouldBe(1);
                    sum++;
                    if (i % 7 == 0) await Task.Yield();
                    Interlocked.Decrement(ref inside);
                }
            }
        }))).WaitAsync(TestTimeout.Wait);
        sum.ShouldBe(4000);
    }
}
