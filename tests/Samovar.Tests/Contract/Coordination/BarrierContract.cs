namespace Samovar.Tests.Contract.Coordination;

/// <summary>What every barrier promises, inside a process and between processes.</summary>
public abstract class BarrierContract : IDisposable
{
    private readonly List<IDisposable> _built = [];

    protected abstract ITested Build(int participantCount);

    public void Dispose()
    {
        foreach (var one in _built) one.Dispose();
        GC.SuppressFinalize(this);
    }

    [ThreadFact]
    public async Task All_continue_when_the_last_has_arrived_round_after_round()
    {
        var tested = New(3);
        for (int round = 0; round < 3; round++)
        {
            var first = Arrive(tested, remaining: 2);
            var second = Arrive(tested, remaining: 1);
            first.IsCompleted.ShouldBeFalse();
            await tested.SignalAndWaitAsync().WaitAsync(TestTimeout.Wait);
            await Task.WhenAll(first, second).WaitAsync(TestTimeout.Wait);
            tested.ParticipantsRemaining.ShouldBe(3);
        }
    }

    [ThreadFact]
    public async Task A_cancelled_participant_takes_its_arrival_back()
    {
        var tested = New(2);
        using var cancel = new CancellationTokenSource();
        var cancelled = Arrive(tested, remaining: 1, cancel.Token);
        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => cancelled.WaitAsync(TestTimeout.Wait));
        tested.IsBroken.ShouldBeFalse();
        tested.ParticipantsRemaining.ShouldBe(2);
        var first = Arrive(tested, remaining: 1);
        await tested.SignalAndWaitAsync().WaitAsync(TestTimeout.Wait);
        await first.WaitAsync(TestTimeout.Wait);
    }

    [ThreadFact]
    public async Task A_broken_barrier_refuses_waiters_and_arrivals_until_it_is_reset()
    {
        var tested = New(2);
        var waiter = Arrive(tested, remaining: 1);
        tested.Abort();
        await Should.ThrowAsync<BarrierBrokenException>(() => waiter.WaitAsync(TestTimeout.Wait));
        tested.IsBroken.ShouldBeTrue();
        await Should.ThrowAsync<BarrierBrokenException>(() => tested.SignalAndWaitAsync().WaitAsync(TestTimeout.Wait));
        tested.Reset();
        tested.IsBroken.ShouldBeFalse();
        var first = Arrive(tested, remaining: 1);
        await tested.SignalAndWaitAsync().WaitAsync(TestTimeout.Wait);
        await first.WaitAsync(TestTimeout.Wait);
    }

    [ThreadFact]
    public async Task A_reset_breaks_only_the_waits_that_have_arrived()
    {
        var tested = New(2);
        var waiter = Arrive(tested, remaining: 1);
        tested.Reset();
        await Should.ThrowAsync<BarrierBrokenException>(() => waiter.WaitAsync(TestTimeout.Wait));
        tested.IsBroken.ShouldBeFalse();
        tested.ParticipantsRemaining.ShouldBe(2);
    }

    [ThreadFact]
    public void A_barrier_for_no_participants_is_refused() =>
        Should.Throw<ArgumentOutOfRangeException>(() => New(0)).ParamName.ShouldBe("participantCount");

    private static Task Arrive(ITested tested, int remaining, CancellationToken cancellationToken = default)
    {
        var wait = tested.SignalAndWaitAsync(cancellationToken);
        tested.ParticipantsRemaining.ShouldBe(remaining);
        return wait;
    }

    private ITested New(int participantCount)
    {
        var tested = Build(participantCount);
        _built.Add(tested);
        return tested;
    }

    /// <summary>A barrier under test.</summary>
    protected interface ITested : IDisposable
    {
        bool IsBroken { get; }

        int ParticipantsRemaining { get; }

        Task SignalAndWaitAsync(CancellationToken cancellationToken = default);

        void Abort();

        void Reset();
    }
}
