using static Samovar.Tests.Loops.LoopUnderTest;

namespace Samovar.Tests.Loops.Coordination;

/// <summary>Those who are cancelled at a barrier, and those who mend it.</summary>
public sealed class AsyncBarrierTests
{
    [ThreadFact]
    public async Task A_group_that_is_cancelled_at_a_barrier_ends_as_cancelled() => await RunAsync(static async () =>
    {
        var barrier = new AsyncBarrier(3);
        (await CancelScope.MoveOnAfterAsync(Second, _ => TaskGroup.RunAsync(group =>
        {
            group.Run(async () => await barrier.SignalAndWaitAsync());
            group.Run(async () => await barrier.SignalAndWaitAsync());
        }))).ShouldBeFalse();
    });

    [ThreadFact]
    public async Task Who_mends_a_barrier_after_a_cancellation_has_a_whole_one()
    {
        var barrier = new AsyncBarrier(2);
        using var source = new CancellationTokenSource();
        var outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(new AtOnce());
        Task mending;
        try
        {
            mending = ArriveAndMendAsync();
            source.Cancel();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }

        await mending;
        barrier.IsBroken.ShouldBeFalse();

        async Task ArriveAndMendAsync()
        {
            try
            {
                await barrier.SignalAndWaitAsync(source.Token);
            }
            catch (OperationCanceledException)
            {
                barrier.Reset();
            }
        }
    }

    private sealed class AtOnce : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => d(state);
    }
}
