namespace Samovar.Tests.Contract.Coordination;

/// <summary>What every semaphore promises, inside a process and between processes.</summary>
public abstract class SemaphoreContract : IDisposable
{
    private readonly List<IDisposable> _built = [];

    /// <summary>A semaphore behind the members that both families share.</summary>
    protected abstract ITested Build(int initialCount, int? maxCount = null);

    public void Dispose()
    {
        foreach (var one in _built) one.Dispose();
        GC.SuppressFinalize(this);
    }

    [ThreadFact]
    public async Task Entries_up_to_the_count_succeed_and_the_next_waits()
    {
        var tested = New(2);
        var first = await tested.EnterAsync();
        using var second = await tested.EnterAsync();
        tested.TryEnter().ShouldBeNull();
        var third = await JoinAsync(tested, 1);
        third.IsCompleted.ShouldBeFalse();
        first.Dispose();
        (await third.WaitAsync(TestTimeout.Wait)).Dispose();
        tested.CurrentCount.ShouldBe(1);
    }

    [ThreadFact]
    public async Task Waiters_of_both_ways_enter_in_order_of_arrival()
    {
        var tested = New(0);
        var first = tested.WaitAsync();
        await TestTimeout.UntilAsync(() => tested.Waiting == 1);
        var second = await JoinAsync(tested, 2);
        tested.Release();
        await first.WaitAsync(TestTimeout.Wait);
        second.IsCompleted.ShouldBeFalse();
        tested.Release();
        (await second.WaitAsync(TestTimeout.Wait)).Dispose();
        tested.CurrentCount.ShouldBe(1);
    }

    [ThreadFact]
    public async Task A_cancelled_waiter_takes_nothing()
    {
        var tested = New(0);
        using var cancel = new CancellationTokenSource();
        var cancelled = await JoinAsync(tested, 1, cancel.Token);
        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => cancelled.WaitAsync(TestTimeout.Wait));
        tested.Release();
        tested.CurrentCount.ShouldBe(1);
        tested.TryWait().ShouldBeTrue();
        tested.TryWait().ShouldBeFalse();
        tested.CurrentCount.ShouldBe(0);
    }

    [ThreadFact]
    public void A_release_beyond_the_maximum_changes_nothing()
    {
        var tested = New(1, 2);
        Should.Throw<SemaphoreFullException>(() => tested.Release(2));
        tested.CurrentCount.ShouldBe(1);
        tested.Release();
        tested.CurrentCount.ShouldBe(2);
        tested.MaxCount.ShouldBe(2);
        Should.Throw<ArgumentOutOfRangeException>(() => tested.Release(0)).ParamName.ShouldBe("count");
    }

    [ThreadFact]
    public void Counts_out_of_range_are_refused()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => New(-1)).ParamName.ShouldBe("initialCount");
        Should.Throw<ArgumentOutOfRangeException>(() => New(0, 0)).ParamName.ShouldBe("maxCount");
        Should.Throw<ArgumentOutOfRangeException>(() => New(2, 1));
    }

    [ThreadFact]
    public async Task A_lease_that_is_disposed_twice_releases_once()
    {
        var tested = New(1, 5);
        var lease = await tested.EnterAsync();
        lease.Dispose();
        lease.Dispose();
        tested.CurrentCount.ShouldBe(1);
        using (tested.TryEnter().ShouldNotBeNull()) tested.Statistics.ShouldBe((0, 0));
        tested.Statistics.ShouldBe((1, 0));
    }

    private ITested New(int initialCount, int? maxCount = null)
    {
        var tested = Build(initialCount, maxCount);
        _built.Add(tested);
        return tested;
    }

    private static async Task<Task<IDisposable>> JoinAsync(ITested tested, int place, CancellationToken cancellationToken = default)
    {
        var waiter = tested.EnterAsync(cancellationToken);
        await TestTimeout.UntilAsync(() => tested.Waiting == place);
        return waiter;
    }

    /// <summary>A semaphore under test.</summary>
    protected interface ITested : IDisposable
    {
        int CurrentCount { get; }

        int MaxCount { get; }

        int Waiting { get; }

        (int Available, int Waiting) Statistics { get; }

        Task<IDisposable> EnterAsync(CancellationToken cancellationToken = default);

        IDisposable? TryEnter();

        Task WaitAsync(CancellationToken cancellationToken = default);

        bool TryWait();

        void Release(int count = 1);
    }
}
