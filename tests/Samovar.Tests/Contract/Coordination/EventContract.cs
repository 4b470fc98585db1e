namespace Samovar.Tests.Contract.Coordination;

/// <summary>What every event promises, inside a process and between processes.</summary>
public abstract class EventContract : IDisposable
{
    private readonly List<IDisposable> _built = [];

    protected abstract ITested Build(bool isSet, EventResetMode mode);

    public void Dispose()
    {
        foreach (var one in _built) one.Dispose();
        GC.SuppressFinalize(this);
    }

    [ThreadFact]
    public async Task A_manual_event_lets_all_pass_until_it_is_reset()
    {
        var tested = New();
        var waiters = new[] { tested.WaitAsync(), tested.WaitAsync() };
        waiters.ShouldAllBe(static waiter => !waiter.IsCompleted);
        tested.Set();
        await Task.WhenAll(waiters).WaitAsync(TestTimeout.Wait);
        await tested.WaitAsync().WaitAsync(TestTimeout.Wait);
        tested.IsSet.ShouldBeTrue();
        tested.Reset();
        tested.IsSet.ShouldBeFalse();
        tested.WaitAsync().IsCompleted.ShouldBeFalse();
    }

    [ThreadFact]
    public async Task An_automatic_event_lets_one_pass_for_each_setting()
    {
        var tested = New(isSet: true, EventResetMode.AutoReset);
        await tested.WaitAsync().WaitAsync(TestTimeout.Wait);
        tested.IsSet.ShouldBeFalse();
        var waiter = tested.WaitAsync();
        waiter.IsCompleted.ShouldBeFalse();
        tested.Set();
        await waiter.WaitAsync(TestTimeout.Wait);
        tested.IsSet.ShouldBeFalse("the waiter took it");
        tested.Set();
        tested.Set();
        tested.IsSet.ShouldBeTrue();
        await tested.WaitAsync().WaitAsync(TestTimeout.Wait);
        tested.IsSet.ShouldBeFalse();
    }

    [ThreadTheory]
    [InlineData(EventResetMode.ManualReset)]
    [InlineData(EventResetMode.AutoReset)]
    public async Task A_cancelled_waiter_takes_nothing(EventResetMode mode)
    {
        var tested = New(isSet: false, mode);
        using var cancel = new CancellationTokenSource();
        var cancelled = tested.WaitAsync(cancel.Token);
        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => cancelled.WaitAsync(TestTimeout.Wait));
        tested.Set();
        tested.IsSet.ShouldBeTrue();
        await Should.ThrowAsync<OperationCanceledException>(() => tested.WaitAsync(new CancellationToken(canceled: true)));
        tested.IsSet.ShouldBeTrue();
    }

    [ThreadFact]
    public void An_unknown_mode_is_refused() =>
        Should.Throw<ArgumentOutOfRangeException>(() => New(mode: (EventResetMode)9)).ParamName.ShouldBe("mode");

    private ITested New(bool isSet = false, EventResetMode mode = EventResetMode.ManualReset)
    {
        var tested = Build(isSet, mode);
        _built.Add(tested);
        return tested;
    }

    /// <summary>An event under test.</summary>
    protected interface ITested : IDisposable
    {
        bool IsSet { get; }

        Task WaitAsync(CancellationToken cancellationToken = default);

        void Set();

        void Reset();
    }
}
