namespace Samovar.Tests.Contract.Coordination;

/// <summary>What every condition promises, inside a process and between processes.</summary>
public abstract class ConditionContract
{
    protected abstract int Waiting { get; }

    protected abstract bool IsHeld { get; }

    protected abstract Task<IDisposable> EnterAsync();

    protected abstract Task WaitAsync(IDisposable lease, CancellationToken cancellationToken = default);

    protected abstract void Notify(int count = 1);

    protected abstract void NotifyAll();

    [ThreadFact]
    public async Task A_wait_leaves_the_lock_and_ends_with_it()
    {
        var lease = await EnterAsync();
        var wait = WaitAsync(lease);
        await TestTimeout.UntilAsync(() => Waiting == 1);
        using (await EnterAsync().WaitAsync(TestTimeout.Wait))
        {
            Notify();
            wait.IsCompleted.ShouldBeFalse("the lock is held");
        }

        await wait.WaitAsync(TestTimeout.Wait);
        IsHeld.ShouldBeTrue();
        lease.Dispose();
        IsHeld.ShouldBeFalse();
    }

    [ThreadFact]
    public async Task As_many_waiters_continue_as_are_notified_one_after_another()
    {
        int inside = 0, awake = 0;
        async Task WaitOnceAsync()
        {
            using var lease = await EnterAsync();
            await WaitAsync(lease);
            Interlocked.Increment(ref inside).ShouldBe(1);
            await Task.Yield();
            Interlocked.Decrement(ref inside);
            Interlocked.Increment(ref awake);
        }

        var waiters = Enumerable.Range(0, 4).Select(_ => WaitOnceAsync()).ToList();
        await TestTimeout.UntilAsync(() => Waiting == 4);
        using (await EnterAsync()) Notify(2);
        await TestTimeout.UntilAsync(() => Volatile.Read(ref awake) == 2);
        Waiting.ShouldBe(2);
        using (await EnterAsync()) NotifyAll();
        await Task.WhenAll(waiters).WaitAsync(TestTimeout.Wait);
        IsHeld.ShouldBeFalse();
    }

    [ThreadFact]
    public async Task A_cancelled_wait_throws_with_the_lock_held()
    {
        var lease = await EnterAsync();
        using var cancel = new CancellationTokenSource();
        var wait = WaitAsync(lease, cancel.Token);
        await TestTimeout.UntilAsync(() => Waiting == 1);
        IsHeld.ShouldBeFalse();
        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => wait.WaitAsync(TestTimeout.Wait));
        IsHeld.ShouldBeTrue();
        lease.Dispose();
        IsHeld.ShouldBeFalse();
        Waiting.ShouldBe(0);
    }

    [ThreadFact]
    public void A_notification_without_the_lock_is_an_error()
    {
        Should.Throw<SynchronizationLockException>(() => Notify());
        Should.Throw<SynchronizationLockException>(NotifyAll);
        Should.Throw<ArgumentOutOfRangeException>(() => Notify(0)).ParamName.ShouldBe("count");
    }
}
