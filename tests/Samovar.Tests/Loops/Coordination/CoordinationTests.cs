using static Samovar.Tests.Loops.LoopUnderTest;

namespace Samovar.Tests.Loops.Coordination;

public sealed class CoordinationTests
{
    [ThreadFact]
    public async Task A_semaphore_lets_in_as_many_as_it_has_places_in_order() => await RunAsync(static async () =>
    {
        var semaphore = new AsyncSemaphore(2, maxCount: 3, name: "places");
        int inside = 0, most = 0;
        var order = new List<int>();
        await TaskGroup.RunAsync(group =>
        {
            for (int i = 0; i < 10; i++)
            {
                int number = i;
                group.Run(async () =>
                {
                    using (await semaphore.EnterAsync())
                    {
                        order.Add(number);
                        most = Math.Max(most, ++inside);
                        await SleepAsync(1);
                        inside--;
                    }
                });
            }
        });
        most.ShouldBe(2);
        order.ShouldBe(Enumerable.Range(0, 10));
        semaphore.CurrentCount.ShouldBe(2);
        semaphore.Release();
        Should.Throw<SemaphoreFullException>(() => semaphore.Release());
        semaphore.CurrentCount.ShouldBe(3);
        semaphore.TryWait().ShouldBeTrue();
    });

    [ThreadFact]
    public async Task Returned_permits_go_to_waiters_and_not_to_later_callers() => await RunAsync(static async () =>
    {
        var semaphore = new AsyncSemaphore(0, maxCount: 1);
        var first = semaphore.WaitAsync().AsTask();
        var second = semaphore.WaitAsync().AsTask();
        semaphore.Waiting.ShouldBe(2);
        semaphore.Release(2);
        semaphore.TryWait().ShouldBeFalse();
        await first;
        await second;
        Should.Throw<ArgumentOutOfRangeException>(() => semaphore.Release(0)).ParamName.ShouldBe("count");
        Should.Throw<ArgumentOutOfRangeException>(static () => new AsyncSemaphore(-1)).ParamName.ShouldBe("initialCount");
        Should.Throw<ArgumentOutOfRangeException>(static () => new AsyncSemaphore(2, 1)).ParamName.ShouldBe("maxCount");
    });

    [ThreadFact]
    public async Task An_event_lets_all_pass_while_it_is_set_or_one_for_each_setting() => await RunAsync(static async () =>
    {
        var manual = new AsyncEvent();
        var waiting = new[] { manual.WaitAsync().AsTask(), manual.WaitAsync().AsTask() };
        manual.Waiting.ShouldBe(2);
        manual.Set();
        await Task.WhenAll(waiting);
        await manual.WaitAsync();
        manual.Reset();
        manual.IsSet.ShouldBeFalse();
        (await CancelScope.MoveOnAfterAsync(Second, async _ => await manual.WaitAsync())).ShouldBeFalse();

        var auto = new AsyncEvent(isSet: true, EventResetMode.AutoReset);
        await auto.WaitAsync();
        auto.IsSet.ShouldBeFalse();
        var first = auto.WaitAsync().AsTask();
        var second = auto.WaitAsync().AsTask();
        auto.Set();
        await first;
        second.IsCompleted.ShouldBeFalse();
        auto.IsSet.ShouldBeFalse("the waiter consumed it");
        auto.Set();
        auto.Set();
        await second;
        auto.IsSet.ShouldBeTrue();
        Should.Throw<ArgumentOutOfRangeException>(static () => new AsyncEvent(mode: (EventResetMode)9)).ParamName.ShouldBe("mode");
    });

    [ThreadFact]
    public async Task A_condition_wakes_as_many_as_are_notified_each_with_the_lock() => await RunAsync(static async () =>
    {
        var gate = new AsyncLock();
        var condition = new AsyncCondition(gate, "changed");
        int awake = 0, inside = 0;
        await TaskGroup.RunAsync(async group =>
        {
            for (int i = 0; i < 5; i++)
            {
                group.Run(async () =>
                {
                    using var lease = await gate.EnterAsync();
                    await condition.WaitAsync(lease);
                    (++inside).ShouldBe(1);
                    awake++;
                    await Task.Yield();
                    inside--;
                });
            }

            await SleepAsync(1);
            condition.Waiting.ShouldBe(5);
            using (await gate.EnterAsync()) condition.Notify(2);
            await SleepAsync(1);
            awake.ShouldBe(2);
            using (await gate.EnterAsync()) condition.NotifyAll();
        });
        awake.ShouldBe(5);
        gate.IsHeld.ShouldBeFalse();
        Should.Throw<SynchronizationLockException>(() => condition.Notify());
        Should.Throw<SynchronizationLockException>(condition.NotifyAll);
        Should.Throw<ArgumentOutOfRangeException>(() => condition.Notify(0)).ParamName.ShouldBe("count");
    });

    [ThreadFact]
    public void A_condition_with_a_predicate_loses_no_wake_up_whatever_the_schedule() => EventLoop.Explore(
        static async () =>
        {
            var gate = new AsyncLock();
            var condition = new AsyncCondition(gate);
            int items = 0, taken = 0;
            await TaskGroup.RunAsync(group =>
            {
                for (int i = 0; i < 3; i++)
                {
                    group.Run(async () =>
                    {
                        using var lease = await gate.EnterAsync();
                        await condition.WaitAsync(lease, () => items > 0);
                        items--;
                        taken++;
                    });
                    group.Run(async () =>
                    {
                        using (await gate.EnterAsync())
                        {
                            items++;
                            condition.Notify();
                        }
                    });
                }
            });
            taken.ShouldBe(3);
            gate.IsHeld.ShouldBeFalse();
        },
        200);

    [ThreadFact]
    public async Task However_a_wait_for_a_condition_ends_the_lock_is_held_again() => await RunAsync(static async () =>
    {
        var gate = new AsyncLock();
        var condition = new AsyncCondition(gate);
        using (var lease = await gate.EnterAsync())
        {
            (await CancelScope.MoveOnAfterAsync(Second, async _ => await condition.WaitAsync(lease))).ShouldBeFalse();
            gate.TryEnter().ShouldBeNull();
            (await CancelScope.MoveOnAfterAsync(Second, async _ => await condition.WaitAsync(lease, static () => false))).ShouldBeFalse();
            gate.TryEnter().ShouldBeNull();
            using var tripped = new CancellationTokenSource();
            await tripped.CancelAsync();
            (await CaughtAsync(condition.WaitAsync(lease, tripped.Token))).ShouldBeAssignableTo<OperationCanceledException>()!.CancellationToken.ShouldBe(tripped.Token);
            (await CaughtAsync(condition.WaitAsync(lease, static () => throw new FormatException("the condition's")))).ShouldBeOfType<FormatException>();
            gate.TryEnter().ShouldBeNull();
            condition.Waiting.ShouldBe(0);
            Now.ShouldBe(2);
        }

        gate.IsHeld.ShouldBeFalse();
        var over = gate.TryEnter().ShouldNotBeNull();
        over.Dispose();
        foreach (var none in (AsyncLease[])[over, await new AsyncLock().EnterAsync()])
        {
            (await CaughtAsync(condition.WaitAsync(none))).ShouldBeOfType<SynchronizationLockException>();
            (await CaughtAsync(condition.WaitAsync(none, static () => true))).ShouldBeOfType<SynchronizationLockException>();
        }

        Should.Throw<ArgumentNullException>(static () => new AsyncCondition(null!));
    });

    [ThreadFact]
    public async Task A_waiter_that_is_cancelled_at_a_condition_enters_behind_earlier_ones_and_takes_no_other_wake_up() => await RunAsync(static async () =>
    {
        var gate = new AsyncLock();
        var condition = new AsyncCondition(gate);
        var order = new List<string>();
        await TaskGroup.RunAsync(async group =>
        {
            group.Run(async () =>
            {
                using var lease = await gate.EnterAsync();
                (await CancelScope.MoveOnAfterAsync(Second, async _ => await condition.WaitAsync(lease))).ShouldBeFalse();
                order.Add("cancelled");
                Now.ShouldBe(3);
            });
            group.Run(async () =>
            {
                using var lease = await gate.EnterAsync();
                await condition.WaitAsync(lease);
                order.Add("notified");
            });
            await SleepAsync(0.5);
            using (await gate.EnterAsync())
            {
                await SleepAsync(2.5); // past the deadline of the first, which waits for the lock from there on
                condition.Notify();
                condition.Waiting.ShouldBe(0);
            }
        });
        order.ShouldBe(["cancelled", "notified"]);
        gate.IsHeld.ShouldBeFalse();
    });

    [ThreadFact]
    public async Task A_lease_that_is_disposed_while_its_holder_waits_admits_no_waiter() => await RunAsync(static async () =>
    {
        var gate = new AsyncLock();
        var condition = new AsyncCondition(gate);
        var lease = await gate.EnterAsync();
        var waiting = condition.WaitAsync(lease);
        using (await gate.EnterAsync())
        {
            lease.Dispose();
            gate.TryEnter().ShouldBeNull("the other one holds it");
            condition.Notify();
        }

        await Should.ThrowAsync<SynchronizationLockException>(waiting);
        gate.IsHeld.ShouldBeFalse();
    });

    [ThreadFact]
    public void A_barrier_holds_each_round_until_all_have_come_whatever_the_schedule() => EventLoop.Explore(
        static async () =>
        {
            var barrier = new AsyncBarrier(3);
            var rounds = new int[20];
            await TaskGroup.RunAsync(group =>
            {
                for (int i = 0; i < 3; i++)
                {
                    group.Run(async () =>
                    {
                        for (int round = 0; round < rounds.Length; round++)
                        {
                            rounds[round]++;
                            (await barrier.SignalAndWaitAsync()).ShouldBeInRange(0, 2);
                            rounds[round].ShouldBe(3);
                        }
                    });
                }
            });
            barrier.ParticipantsRemaining.ShouldBe(3);
        },
        50);

    [ThreadFact]
    public async Task A_waiter_that_is_cancelled_at_a_barrier_takes_its_arrival_back() => await RunAsync(static async () =>
    {
        var barrier = new AsyncBarrier(3, "start");
        var first = barrier.SignalAndWaitAsync().AsTask();
        (await CancelScope.MoveOnAfterAsync(Second, async _ => await barrier.SignalAndWaitAsync())).ShouldBeFalse();
        barrier.IsBroken.ShouldBeFalse();
        barrier.ParticipantsRemaining.ShouldBe(2);
        first.IsCompleted.ShouldBeFalse();
        var places = await Task.WhenAll(first, barrier.SignalAndWaitAsync().AsTask(), barrier.SignalAndWaitAsync().AsTask());
        places.ShouldBe([0, 1, 2]);

        using var tripped = new CancellationTokenSource();
        var early = barrier.SignalAndWaitAsync(tripped.Token).AsTask();
        var later = barrier.SignalAndWaitAsync().AsTask();
        await tripped.CancelAsync();
        (await CaughtAsync(early)).ShouldBeAssignableTo<OperationCanceledException>();
        (await CaughtAsync(barrier.SignalAndWaitAsync(tripped.Token).AsTask())).ShouldBeAssignableTo<OperationCanceledException>();
        barrier.ParticipantsRemaining.ShouldBe(2);
        (await Task.WhenAll(later, barrier.SignalAndWaitAsync().AsTask(), barrier.SignalAndWaitAsync().AsTask())).ShouldBe([0, 1, 2], "each number once, also after one has left");
    });

    [ThreadFact]
    public async Task A_barrier_is_broken_by_an_abort_and_repaired_by_a_reset() => await RunAsync(static async () =>
    {
        var barrier = new AsyncBarrier(3, "start");
        var first = barrier.SignalAndWaitAsync().AsTask();
        barrier.Abort();
        (await CaughtAsync(first)).ShouldBeOfType<BarrierBrokenException>().Message.ShouldContain("'start'");
        barrier.IsBroken.ShouldBeTrue();
        (await CaughtAsync(barrier.SignalAndWaitAsync().AsTask())).ShouldBeOfType<BarrierBrokenException>();
        barrier.Reset();
        barrier.IsBroken.ShouldBeFalse();
        var waiting = barrier.SignalAndWaitAsync().AsTask();
        barrier.Reset();
        (await CaughtAsync(waiting)).ShouldBeOfType<BarrierBrokenException>();
        barrier.IsBroken.ShouldBeFalse();
        await new AsyncBarrier(1).SignalAndWaitAsync();
        Should.Throw<ArgumentOutOfRangeException>(static () => new AsyncBarrier(0)).ParamName.ShouldBe("participantCount");
    });

    [ThreadFact]
    public async Task A_limiter_knows_its_borrowers_and_can_be_resized() => await RunAsync(static async () =>
    {
        var limiter = new CapacityLimiter(1, "connections");
        var first = await limiter.EnterAsync("ann");
        (await CaughtAsync(limiter.EnterAsync("ann").AsTask())).ShouldBeOfType<InvalidOperationException>().Message.ShouldContain("ann");
        var second = limiter.EnterAsync("bob").AsTask();
        var third = limiter.EnterAsync().AsTask();
        (await CaughtAsync(limiter.EnterAsync("bob").AsTask())).ShouldBeOfType<InvalidOperationException>("a waiter counts as a borrower");
        var statistics = limiter.GetStatistics();
        (statistics.Total, statistics.Borrowed, statistics.Waiting).ShouldBe((1, 1, 2));
        statistics.Borrowers.ShouldBe(["ann"]);
        limiter.Total = 2;
        (await second).ShouldNotBeNull();
        third.IsCompleted.ShouldBeFalse();
        limiter.Total = 1;
        first.Dispose();
        await Task.Yield();
        third.IsCompleted.ShouldBeFalse("two were lent where one is");
        (await second).Dispose();
        (await third).Dispose();
        limiter.GetStatistics().Borrowed.ShouldBe(0);
        (await limiter.EnterAsync("ann")).Dispose();
        Should.Throw<ArgumentOutOfRangeException>(() => limiter.Total = 0);
        Should.Throw<ArgumentOutOfRangeException>(static () => new CapacityLimiter(0)).ParamName.ShouldBe("total");
    });

    [ThreadFact]
    public async Task A_report_says_what_each_waits_for()
    {
        string message = (await CaughtAsync(RunAsync(static async () =>
        {
            var limiter = new CapacityLimiter(1, "connections");
            var held = await limiter.EnterAsync("ann");
            await TaskGroup.RunAsync(group =>
            {
                group.Run(async () => await limiter.EnterAsync());
                group.Run(static async () => await new AsyncEvent(name: "go").WaitAsync());
                group.Run(static async () => await new AsyncSemaphore(0, name: "places").WaitAsync());
                group.Run(static async () => await new AsyncBarrier(2, "start").SignalAndWaitAsync());
                group.Run(static async () => await new AsyncQueue<int>(name: "jobs").TakeAsync());
                group.Run(static async () =>
                {
                    var gate = new AsyncLock();
                    await new AsyncCondition(gate, "changed").WaitAsync(await gate.EnterAsync());
                });
            });
            held.Dispose();
        }))).ShouldBeOfType<LoopDeadlockException>().Message;
        foreach (string part in (string[])[
            "capacity limiter 'connections' (1 of 1 borrowed, by ann)", "event 'go' (not set)", "semaphore 'places'", "barrier 'start' (1 of 2 have not arrived)",
            "an item of queue 'jobs' (0 items)", "condition 'changed' (not notified)"])
        {
            message.ShouldContain(part);
        }
    }

    [ThreadFact]
    public void Waiters_for_a_condition_have_the_lock_in_order_of_arrival() => EventLoop.Explore(
        static async () =>
        {
            var gate = new AsyncLock();
            var condition = new AsyncCondition(gate);
            List<int> arrived = [], entered = [];
            await TaskGroup.RunAsync(async group =>
            {
                for (int i = 0; i < 3; i++)
                {
                    int number = i;
                    group.Run(async () =>
                    {
                        using var lease = await gate.EnterAsync();
                        arrived.Add(number);
                        await condition.WaitAsync(lease);
                        entered.Add(number);
                    });
                }

                await SleepAsync(1);
                using (await gate.EnterAsync()) condition.NotifyAll();
            });
            entered.ShouldBe(arrived);
        },
        50);
}
