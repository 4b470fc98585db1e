using static Samovar.Tests.Loops.LoopUnderTest;

namespace Samovar.Tests.Loops.Core;

/// <summary>Timers of the system's clock in virtual time. The analyzer warns of them; here is what happens all the same.</summary>
public sealed class SystemTimerTests
{
    [ThreadFact]
    public async Task A_plain_delay_that_is_the_only_wait_is_named_as_what_the_program_is_stuck_at() =>
        (await CaughtAsync(RunAsync(static async () => await Task.Delay(TestTimeout.Wait)))).ShouldBeOfType<LoopDeadlockException>().Message.ShouldContain("a Task.Delay");

    [ThreadFact]
    public async Task A_timer_of_the_system_that_goes_off_is_reported_once()
    {
        List<UnobservedFailure>? reports = null;
        await RunAsync(async () =>
        {
            reports = Listen(EventLoop.Current!);
            using (EventLoop.Current!.HoldTime())
            {
                await RingAsync();
                await RingAsync();
            }
        });
        var report = reports!.ShouldHaveSingleItem();
        report.Source.ShouldBe(FailureSource.SystemTimer);
        report.Exception.Message.ShouldContain("loop.Time");

        static async Task RingAsync()
        {
            var rings = new TaskCompletionSource();
            var waiting = WaitAsync(rings.Task); // waits before the timer is there to ring
            await using var timer = new Timer(_ => rings.TrySetResult(), null, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
            await waiting;
        }

        static async Task WaitAsync(Task task) => await task;
    }

    [ThreadFact]
    public async Task Time_that_is_held_does_not_jump_until_it_is_released() => await RunAsync(static async () =>
    {
        var hold = EventLoop.Current!.HoldTime();
        var sleep = SleepAsync(1);
        new Thread(hold.Dispose).UnsafeStart(); // without the execution context: not seen as the loop's
        await sleep;
        Now.ShouldBe(1);
        hold.Dispose();
    });
}
