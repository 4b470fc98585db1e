namespace Samovar.Tests.Contract.Coordination;

/// <summary>What every lock promises, inside a process and between processes.</summary>
public abstract class LockContract
{
    protected abstract bool IsHeld { get; }

    protected abstract int Waiting { get; }

    /// <summary>Free places and waiters, from the lock's statistics.</summary>
    protected abstract (int Available, int Waiting) Statistics { get; }

    protected abstract Task<IDisposable> EnterAsync(CancellationToken cancellationToken = default);

    protected abstract IDisposable? TryEnter();

    [ThreadFact]
    public async Task The_next_enters_when_the_holder_leaves()
    {
        var holder = await EnterAsync();
        IsHeld.ShouldBeTrue();
        var next = await JoinAsync(1);
        next.IsCompleted.ShouldBeFalse();
        holder.Dispose();
        (await next.WaitAsync(TestTimeout.Wait)).Dispose();
        IsHeld.ShouldBeFalse();
    }

    [ThreadFact]
    public async Task Waiters_enter_in_order_of_arrival()
    {
        var holder = await EnterAsync();
        var waiters = new List<Task<IDisposable>>();
        for (int i = 1; i <= 4; i++) waiters.Add(await JoinAsync(i));
        for (int i = 0; i < waiters.Count; i++)
        {
            holder.Dispose();
            holder = await waiters[i].WaitAsync(TestTimeout.Wait);
            Waiting.ShouldBe(waiters.Count - i - 1);
            waiters.Skip(i + 1).ShouldAllBe(static later => !later.IsCompleted);
        }

        holder.Dispose();
    }

    [ThreadFact]
    public async Task A_cancelled_waiter_does_not_block_the_next()
    {
        var holder = await EnterAsync();
        using var cancel = new CancellationTokenSource();
        var cancelled = await JoinAsync(1, cancel.Token);
        var next = await JoinAsync(2);
        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => cancelled.WaitAsync(TestTimeout.Wait));
        next.IsCompleted.ShouldBeFalse();
        holder.Dispose();
        (await next.WaitAsync(TestTimeout.Wait)).Dispose();
    }

    [ThreadFact]
    public async Task A_token_that_is_cancelled_already_enters_nothing()
    {
        await Should.ThrowAsync<OperationCanceledException>(() => EnterAsync(new CancellationToken(canceled: true)));
        IsHeld.ShouldBeFalse();
    }

    [ThreadFact]
    public async Task TryEnter_returns_null_while_the_lock_is_held()
    {
        using (await EnterAsync()) TryEnter().ShouldBeNull();
        using (TryEnter().ShouldNotBeNull()) IsHeld.ShouldBeTrue();
        IsHeld.ShouldBeFalse();
    }

    [ThreadFact]
    public async Task A_lease_that_is_disposed_twice_leaves_once()
    {
        var lease = await EnterAsync();
        lease.Dispose();
        using var next = await EnterAsync();
        lease.Dispose();
        IsHeld.ShouldBeTrue();
    }

    [ThreadFact]
    public async Task Statistics_report_free_places_and_waiters()
    {
        Statistics.ShouldBe((1, 0));
        var holder = await EnterAsync();
        var next = await JoinAsync(1);
        Statistics.ShouldBe((0, 1));
        holder.Dispose();
        (await next.WaitAsync(TestTimeout.Wait)).Dispose();
        Statistics.ShouldBe((1, 0));
    }

    /// <summary>Starts to enter, and returns when the wait has its place in the line.</summary>
    private async Task<Task<IDisposable>> JoinAsync(int place, CancellationToken cancellationToken = default)
    {
        var waiter = EnterAsync(cancellationToken);
        await TestTimeout.UntilAsync(() => Waiting == place);
        return waiter;
    }
}
