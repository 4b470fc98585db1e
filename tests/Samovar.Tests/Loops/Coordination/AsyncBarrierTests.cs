using static Samovar.Tests.Loops.LoopUnderTest;

namespace Samovar.Tests.Loops.Coordination;

/// <summary>Waits at a barrier that are cancelled.</summary>
public sealed class AsyncBarrierTests
{
    [ThreadFact]
    public async Task A_group_that_is_cancelled_at_a_barrier_ends_as_cancelled_and_leaves_it_whole() => await RunAsync(static async () =>
    {
        var barrier = new AsyncBarrier(3);
        (await CancelScope.MoveOnAfterAsync(Second, _ => TaskGroup.RunAsync(group =>
        {
            group.Run(async () => await barrier.SignalAndWaitAsync());
            group.Run(async () => await barrier.SignalAndWaitAsync());
        }))).ShouldBeFalse();
        barrier.IsBroken.ShouldBeFalse();
        barrier.ParticipantsRemaining.ShouldBe(3);
    });

    [ThreadFact]
    public void Cancelled_and_arriving_waits_agree_whatever_the_schedule() => EventLoop.Explore(
        static async () =>
        {
            var barrier = new AsyncBarrier(2);
            using var source = new CancellationTokenSource();
            int passed = 0, canceled = 0;
            await TaskGroup.RunAsync(async group =>
            {
                group.Run(() => ArriveAsync(source.Token));
                group.Run(() => ArriveAsync(CancellationToken.None));
                group.Run(() =>
                {
                    source.Cancel();
                    return Task.CompletedTask;
                });
                await EventLoop.SleepAsync(Second);
                if (canceled > 0) await barrier.SignalAndWaitAsync(); // in place of the one that left
            });
            (passed + canceled).ShouldBe(2);
            canceled.ShouldBeLessThanOrEqualTo(1);
            barrier.ParticipantsRemaining.ShouldBe(2);

            async Task ArriveAsync(CancellationToken token)
            {
                try
                {
                    await barrier.SignalAndWaitAsync(token);
                    passed++;
                }
                catch (OperationCanceledException)
                {
                    canceled++;
                }
            }
        },
        100);
}
