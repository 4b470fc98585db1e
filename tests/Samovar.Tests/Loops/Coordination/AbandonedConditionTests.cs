using System.Runtime.CompilerServices;
using static Samovar.Tests.Loops.LoopUnderTest;

namespace Samovar.Tests.Loops.Coordination;

/// <summary>Waits for a condition that their callers have abandoned.</summary>
public sealed class AbandonedConditionTests
{
    [ThreadFact]
    public async Task An_abandoned_wait_for_a_condition_takes_neither_the_lock_nor_a_notification() => await RunAsync(static async () =>
    {
        var gate = new AsyncLock();
        var condition = new AsyncCondition(gate);
        Task early, late = Task.CompletedTask;
        var served = new List<string>();
        using (var lease = await gate.EnterAsync())
        {
            early = condition.WaitAsync(lease);
            (await CaughtAsync(early.WaitAsync(Second, EventLoop.Current!.Time))).ShouldBeOfType<TimeoutException>();
        }

        gate.IsHeld.ShouldBeFalse();
        await TaskGroup.RunAsync(async group =>
        {
            group.Run(async () =>
            {
                using var lease = await gate.EnterAsync();
                await condition.WaitAsync(lease);
                served.Add("waiter");
            });
            await SleepAsync(1);
            var own = await gate.EnterAsync();
            late = condition.WaitAsync(own);
            using (await gate.EnterAsync())
            {
                condition.Notify();
                served.ShouldBeEmpty();
                condition.Waiting.ShouldBe(1, "the abandoned wait is gone, and one was notified");
                condition.Notify();
                own.Dispose(); // notified, and abandoned in the lock's queue
            }
        });
        served.ShouldBe(["waiter"]);
        (await CaughtAsync(early)).ShouldBeOfType<SynchronizationLockException>();
        (await CaughtAsync(late)).ShouldBeOfType<SynchronizationLockException>();
        gate.IsHeld.ShouldBeFalse();
        gate.Waiting.ShouldBe(0);
        gate.TryEnter().ShouldNotBeNull().Dispose();
    });

    [ThreadFact]
    public async Task An_abandoned_wait_leaves_the_queue_with_its_lease_without_a_notification() => await RunAsync(static async () =>
    {
        var gate = new AsyncLock();
        var condition = new AsyncCondition(gate);
        var patient = await gate.EnterAsync();
        Task first = condition.WaitAsync(patient), last = Task.CompletedTask;
        for (int i = 0; i < 3; i++)
        {
            using var lease = await gate.EnterAsync();
            last = condition.WaitAsync(lease);
            (await CaughtAsync(last.WaitAsync(Second, EventLoop.Current!.Time))).ShouldBeOfType<TimeoutException>();
        }

        condition.Waiting.ShouldBe(1, "abandoned waits are gone, behind one that still waits");
        (await CaughtAsync(last)).ShouldBeOfType<SynchronizationLockException>();
        using (await gate.EnterAsync()) condition.Notify();
        await first;
        gate.IsHeld.ShouldBeTrue();
        patient.Dispose();
        gate.IsHeld.ShouldBeFalse();
    });

    [ThreadTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_notification_that_reached_an_abandoned_wait_is_passed_to_the_next(bool isLockItsOwn) => await RunAsync(async () =>
    {
        var gate = new AsyncLock();
        var condition = new AsyncCondition(gate);
        var served = new List<string>();
        Task late = Task.CompletedTask;
        await TaskGroup.RunAsync(async group =>
        {
            var own = await gate.EnterAsync();
            late = condition.WaitAsync(own);
            foreach (string name in (string[])["next", "last"])
            {
                group.Run(async () =>
                {
                    using var lease = await gate.EnterAsync();
                    await condition.WaitAsync(lease);
                    served.Add(name);
                });
            }

            await SleepAsync(1);
            var notifier = await gate.EnterAsync();
            condition.Notify();
            if (isLockItsOwn) notifier.Dispose(); // the lock is its own from here on, and its code has not gone on
            own.Dispose();
            notifier.Dispose();
            await SleepAsync(1);
            served.ShouldBe(["next"]);
            using (await gate.EnterAsync()) condition.Notify();
        });
        served.ShouldBe(["next", "last"]);
        (await CaughtAsync(late)).ShouldBeOfType<SynchronizationLockException>();
        gate.IsHeld.ShouldBeFalse();
        gate.Waiting.ShouldBe(0);
        condition.Waiting.ShouldBe(0);
    });

    [ThreadTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_error_of_an_abandoned_wait_counts_as_observed(bool hasCondition)
    {
        int unobserved = 0;
        TaskScheduler.UnobservedTaskException += Count;
        try
        {
            var wait = await AbandonedAsync(hasCondition);
            await TestTimeout.UntilAsync(() =>
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                return !wait.IsAlive;
            });
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= Count;
        }

        unobserved.ShouldBe(0);

        void Count(object? sender, UnobservedTaskExceptionEventArgs e)
        {
            if (e.Exception.InnerException is SynchronizationLockException) Interlocked.Increment(ref unobserved);
        }
    }

    // Not inlined, so that no frame of the test refers to the wait.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<WeakReference> AbandonedAsync(bool hasCondition)
    {
        var gate = new AsyncLock();
        var condition = new AsyncCondition(gate);
        var lease = await gate.EnterAsync();
        var wait = hasCondition ? condition.WaitAsync(lease, static () => false) : condition.WaitAsync(lease);
        lease.Dispose();
        await TestTimeout.UntilAsync(() => wait.IsCompleted);
        wait.IsFaulted.ShouldBeTrue();
        return new WeakReference(wait);
    }
}
