using System.Runtime.CompilerServices;
using System.Runtime.Versioning;
using Samovar.Ipc;
using Samovar.Ipc.Locks;
using Samovar.Tests.Ipc.Shared;
using Samovar.Tests.Processes;

namespace Samovar.Tests.Ipc.Locks;

/// <summary>Conditions: who is notified, what is held afterwards, and deaths. On both platforms.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class ProcessConditionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Platforms => LockKinds.Platforms;

    [ProcessTheory]
    [MemberData(nameof(Platforms))]
    public async Task Notifying_so_many_wakes_so_many_in_the_order_in_which_they_came(string platform)
    {
        using var held = new ProcessLock(null, LockKinds.Store(platform));
        using var tested = new ProcessCondition(held, null, LockKinds.Store(platform));
        var order = new List<int>();
        var waits = new List<Task>();
        for (int i = 0; i < 6; i++)
        {
            int number = i;
            waits.Add(i % 2 == 0 ? TestSupport.OnOwnThread(() => Wait(number)) : WaitAsync(number));
            await TestTimeout.UntilAsync(() => tested.Waiting == number + 1);
        }

        using (held.Enter()) tested.Notify(3);
        await Task.WhenAll(waits[..3]).WaitAsync(TestTimeout.Wait);
        using (held.Enter())
        {
            order.Order().ShouldBe([0, 1, 2]);
            tested.Waiting.ShouldBe(3);
            tested.NotifyAll();
        }

        await Task.WhenAll(waits).WaitAsync(TestTimeout.Wait);
        order.Count.ShouldBe(6);
        using (held.Enter()) tested.NotifyAll(); // without waiters it has no effect
        using (var lease = held.Enter()) tested.Wait(lease, LockKinds.Moment).ShouldBeFalse();

        void Wait(int number)
        {
            using var lease = held.Enter();
            tested.Wait(lease);
            order.Add(number);
        }

        async Task WaitAsync(int number)
        {
            using var lease = await held.EnterAsync();
            await tested.WaitAsync(lease);
            order.Add(number);
        }
    }

    [ProcessTheory]
    [MemberData(nameof(Platforms))]
    public async Task A_lease_that_is_disposed_of_during_the_wait_does_not_hold_the_lock_again(string platform)
    {
        using var held = new ProcessLock(null, LockKinds.Store(platform));
        using var tested = new ProcessCondition(held, null, LockKinds.Store(platform));
        var lease = held.Enter();
        var wait = tested.WaitAsync(lease).AsTask();
        lease.Dispose();
        using (held.Enter()) tested.NotifyAll();
        await Should.ThrowAsync<SynchronizationLockException>(wait.WaitAsync(TestTimeout.Wait));
        held.TryEnter(TimeSpan.Zero).ShouldNotBeNull().Dispose();
    }

    [ProcessTheory]
    [MemberData(nameof(Platforms))]
    public async Task A_notice_that_reaches_an_abandoned_wait_is_passed_to_the_next(string platform)
    {
        using var held = new ProcessLock(null, LockKinds.Store(platform));
        using var tested = new ProcessCondition(held, null, LockKinds.Store(platform));
        var first = held.Enter();
        var blocked = TestSupport.OnOwnThread(() => tested.Wait(first));
        await TestTimeout.UntilAsync(() => tested.Waiting == 1 && !held.IsHeld);
        var second = held.Enter();
        var awaited = tested.WaitAsync(second).AsTask();
        var behind = Task.Run(async () =>
        {
            using var lease = await held.EnterAsync();
            return await tested.WaitAsync(lease, TestTimeout.Wait);
        });
        await TestTimeout.UntilAsync(() => tested.Waiting == 3);
        first.Dispose();
        second.Dispose();
        using (held.Enter()) tested.Notify();
        await Should.ThrowAsync<SynchronizationLockException>(blocked.WaitAsync(TestTimeout.Wait));
        await Should.ThrowAsync<SynchronizationLockException>(awaited.WaitAsync(TestTimeout.Wait));
        (await behind.WaitAsync(TestTimeout.Wait)).ShouldBeTrue();
        held.IsHeld.ShouldBeFalse();
    }

    [ProcessFact]
    public async Task A_notice_that_reaches_a_wait_whose_lock_was_disposed_of_is_passed_to_the_next()
    {
        string ofLock = OwnNames.Own("a-lock"), ofCondition = OwnNames.Own("its-condition");
        var left = new ProcessLock(ofLock);
        using var held = ProcessLock.Open(ofLock);
        using var leaving = new ProcessCondition(left, ofCondition);
        using var tested = ProcessCondition.Open(held, ofCondition);
        var lost = leaving.WaitAsync(left.Enter()).AsTask();
        var behind = Task.Run(async () =>
        {
            using var lease = await held.EnterAsync();
            return await tested.WaitAsync(lease, TestTimeout.Wait);
        });
        await TestTimeout.UntilAsync(() => tested.Waiting == 2);
        left.Dispose();
        using (held.Enter()) tested.Notify();
        await Should.ThrowAsync<ObjectDisposedException>(lost.WaitAsync(TestTimeout.Wait));
        (await behind.WaitAsync(TestTimeout.Wait)).ShouldBeTrue();
    }

    [ProcessFact]
    public void A_lease_that_is_disposed_of_as_the_wait_begins_has_left_the_lock_and_the_line()
    {
        using var held = new ProcessLock();
        using var tested = new ProcessCondition(held);
        var lease = held.Enter();
        var self = Thread.CurrentThread;
        SemaphoreWord.StepReached = step =>
        {
            if (step == SemaphoreStep.Arrived && Thread.CurrentThread == self) lease.Dispose(); // as another thread may at that moment
        };
        try
        {
            Should.Throw<SynchronizationLockException>(() => tested.Wait(lease, LockKinds.Moment));
        }
        finally
        {
            SemaphoreWord.StepReached = null;
        }

        tested.Waiting.ShouldBe(0);
        held.TryEnter(TimeSpan.Zero).ShouldNotBeNull().Dispose();
    }

    [ProcessTheory]
    [MemberData(nameof(Platforms))]
    public async Task Waiting_for_something_with_a_timeout_returns_what_it_was_last(string platform)
    {
        using var held = new ProcessLock(null, LockKinds.Store(platform));
        using var tested = new ProcessCondition(held, null, LockKinds.Store(platform));
        int looks = 0;
        using (var lease = held.Enter())
        {
            tested.Wait(lease, () => ++looks < 0, LockKinds.Moment).ShouldBeFalse();
            looks.ShouldBeGreaterThanOrEqualTo(2);
            tested.Wait(lease, () => ++looks > 0, TimeSpan.Zero).ShouldBeTrue();
            (await tested.WaitAsync(lease, () => looks < 0, LockKinds.Moment)).ShouldBeFalse();
            held.IsHeld.ShouldBeTrue();
        }

        bool isSo = false;
        var waiting = Task.Run(async () =>
        {
            using var lease = await held.EnterAsync();
            return await tested.WaitAsync(lease, () => isSo, TestTimeout.Wait);
        });
        await TestTimeout.UntilAsync(() => tested.Waiting == 1);
        using (held.Enter()) tested.Notify();
        waiting.IsCompleted.ShouldBeFalse();
        await TestTimeout.UntilAsync(() => tested.Waiting == 1);
        using (held.Enter())
        {
            isSo = true;
            tested.Notify();
        }

        (await waiting.WaitAsync(TestTimeout.Wait)).ShouldBeTrue();
        held.IsHeld.ShouldBeFalse();
    }

    [ProcessTheory]
    [MemberData(nameof(Platforms))]
    public async Task A_waiter_cancelled_at_wake_up_holds_the_lock_again_before_it_leaves(string platform)
    {
        using var held = new ProcessLock(null, LockKinds.Store(platform));
        using var tested = new ProcessCondition(held, null, LockKinds.Store(platform));
        for (int i = 0; i < 20; i++)
        {
            using var source = new CancellationTokenSource();
            var waiting = Task.Run(async () =>
            {
                using var lease = await held.EnterAsync();
                try
                {
                    await tested.WaitAsync(lease, source.Token);
                }
                catch (OperationCanceledException)
                {
                    // Either outcome is right; what counts is which of them holds the lock.
                }

                held.IsHeld.ShouldBeTrue();
                held.TryEnter(TimeSpan.Zero).ShouldBeNull();
            });
            await TestTimeout.UntilAsync(() => tested.Waiting == 1);
            using (held.Enter())
            {
                tested.Notify();
                await source.CancelAsync();
                waiting.IsCompleted.ShouldBeFalse();
            }

            await waiting.WaitAsync(TestTimeout.Wait);
            held.IsHeld.ShouldBeFalse();
        }
    }

    [ProcessFact]
    public void Without_the_lock_it_is_refused()
    {
        using var held = new ProcessLock();
        using var other = new ProcessLock();
        using var tested = new ProcessCondition(held);
        using var wrong = other.Enter();
        Should.Throw<SynchronizationLockException>(() => tested.Wait(wrong));
        Should.Throw<SynchronizationLockException>(() => tested.Notify());
        var lease = held.Enter();
        lease.Dispose();
        Should.Throw<SynchronizationLockException>(() => tested.Wait(lease));
    }

    [ProcessTheory]
    [MemberData(nameof(Platforms))]
    public async Task A_notified_process_that_dies_leaves_no_waiter_asleep(string platform)
    {
        var store = LockKinds.Store(platform);
        using var held = new ProcessLock(null, store);
        using var tested = new ProcessCondition(held, null, store);
        using var item = new SharedValue<int>(0, null, store);
        var child = ChildProcess.Start(() =>
        {
            using var lease = held.Enter();
            tested.Wait(lease);
            LockKinds.Die();
        });
        await TestTimeout.UntilAsync(() => tested.Waiting == 1);
        var behind = Task.Run(async () =>
        {
            using var lease = await held.EnterAsync();
            (await tested.WaitAsync(lease, () => item.Value == 1, TestTimeout.Wait)).ShouldBeTrue();
            return lease.IsAbandoned;
        });
        await TestTimeout.UntilAsync(() => tested.Waiting == 2);
        using (held.Enter())
        {
            item.Value = 1;
            tested.Notify(); // it goes to the child, which dies of it
        }

        (await behind.WaitAsync(TestTimeout.Wait)).ShouldBeTrue();
        await child.Exited.WaitAsync(TestTimeout.Wait);
    }

    [ProcessTheory]
    [MemberData(nameof(Platforms))]
    public async Task An_abandoned_wait_that_enters_after_a_death_leaves_the_news_of_it_to_the_next(string platform)
    {
        var store = LockKinds.Store(platform);
        using var held = new ProcessLock(null, store);
        using var tested = new ProcessCondition(held, null, store);
        var lease = held.Enter();
        var wait = tested.WaitAsync(lease).AsTask();
        lease.Dispose();
        var child = ChildProcess.Start(() =>
        {
            held.Enter();
            tested.Notify();
            LockKinds.Die();
        });

        await Should.ThrowAsync<SynchronizationLockException>(wait.WaitAsync(TestTimeout.Wait));

        using var next = await held.EnterAsync();
        next.IsAbandoned.ShouldBeTrue();
        await child.Exited.WaitAsync(TestTimeout.Wait);
    }

    [ProcessTheory]
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

    [ProcessFact]
    public void It_is_not_opened_with_another_lock_than_its_own()
    {
        using var held = new ProcessLock();
        using var other = new ProcessLock();
        using var tested = new ProcessCondition(held, OwnNames.Own("its-own"));
        Should.Throw<ArgumentException>(() => ProcessCondition.Open(other, OwnNames.Own("its-own"))).Message.ShouldContain("another lock");
        ProcessCondition.Open(held, OwnNames.Own("its-own")).Dispose();
    }

    [ProcessFact]
    public async Task A_condition_travels_with_its_lock_and_opens_by_name()
    {
        string name = OwnNames.Own("a-condition");
        using var held = new ProcessLock();
        using var tested = new ProcessCondition(held, name);
        using var item = new SharedValue<int>();
        var child = ChildProcess.Start(() =>
        {
            using var lease = tested.Lock.Enter();
            using var same = ProcessCondition.Open(held, name);
            return same.Wait(lease, () => item.Value == 1, TestTimeout.Wait);
        });
        await TestTimeout.UntilAsync(() => tested.Waiting == 1);
        using (held.Enter())
        {
            item.Value = 1;
            tested.NotifyAll();
        }

        (await child.JoinAsync(Token)).ShouldBeTrue();
        await child.Exited.WaitAsync(TestTimeout.Wait);
        tested.Dispose();
        Should.Throw<SharedObjectException>(() => ProcessCondition.Open(held, name)).Fault.ShouldBe(SharedObjectFault.NotFound);
    }

    // Not inlined, so that no frame of the test refers to the wait.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<WeakReference> AbandonedAsync(bool hasCondition)
    {
        using var held = new ProcessLock();
        using var tested = new ProcessCondition(held);
        var lease = held.Enter();
        var wait = hasCondition ? tested.WaitAsync(lease, static () => false, TestTimeout.Wait).AsTask() : tested.WaitAsync(lease).AsTask();
        lease.Dispose();
        using (held.Enter()) tested.Notify();
        await TestTimeout.UntilAsync(() => wait.IsCompleted);
        wait.IsFaulted.ShouldBeTrue();
        return new WeakReference(wait);
    }
}
