using static Samovar.Tests.Loops.LoopUnderTest;

namespace Samovar.Tests.Loops;

/// <summary>Deadlines on clocks whose timers call early, late, twice, or once more after they were disposed.</summary>
public sealed class UnpunctualDeadlineTests
{
    private static readonly TimeSpan s_tick = TimeSpan.FromTicks(1);
    private static readonly TimeSpan s_slack = TimeSpan.FromMilliseconds(10); // more than any of the timers is late
    private static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(100);

    [ThreadTheory]
    [InlineData(Unpunctuality.Early), InlineData(Unpunctuality.Late), InlineData(Unpunctuality.Twice), InlineData(Unpunctuality.AfterDisposal)]
    public async Task A_deadline_strikes_once_and_not_before_its_time(Unpunctuality how)
    {
        var time = new UnpunctualTimeProvider(how);
        CancelScope? scope = null;
        var work = CancelScope.MoveOnAfterAsync(Second, opened => Task.Delay(Timeout.Infinite, (scope = opened).Token), time);
        time.Advance(Second - s_tick);
        scope!.IsCancellationRequested.ShouldBeFalse();
        scope.TimeLeft.ShouldBe(s_tick);
        time.Advance(s_slack);
        scope.HasExpired.ShouldBeTrue();
        (await work.WaitAsync(TestTimeout.Wait)).ShouldBeFalse();
        time.Advance(Second);
        time.ArmedTimers.ShouldBe(0);
    }

    [ThreadTheory]
    [InlineData(Unpunctuality.Early), InlineData(Unpunctuality.Late), InlineData(Unpunctuality.Twice), InlineData(Unpunctuality.AfterDisposal)]
    public async Task A_deadline_that_was_moved_strikes_when_it_was_moved_to(Unpunctuality how)
    {
        var time = new UnpunctualTimeProvider(how);
        CancelScope? scope = null;
        var work = CancelScope.FailAfterAsync(2 * Second, opened => Task.Delay(Timeout.Infinite, (scope = opened).Token), time);
        time.Advance(Second);
        scope!.CancelAfter(4 * Second); // away
        time.Advance(3 * Second);
        scope.IsCancellationRequested.ShouldBeFalse();
        scope.CancelAfter(Timeout.InfiniteTimeSpan); // off
        time.Advance(10 * Second);
        scope.IsCancellationRequested.ShouldBeFalse();
        scope.CancelAfter(9 * Second);
        scope.CancelAfter(Second); // closer
        time.Advance(Second - s_tick);
        scope.IsCancellationRequested.ShouldBeFalse();
        time.Advance(s_slack);
        await Should.ThrowAsync<TimeoutException>(work.WaitAsync(TestTimeout.Wait));
    }

    [ThreadTheory]
    [InlineData(Unpunctuality.Early), InlineData(Unpunctuality.Late), InlineData(Unpunctuality.Twice), InlineData(Unpunctuality.AfterDisposal)]
    public async Task A_timer_of_a_scope_that_is_over_cancels_nothing(Unpunctuality how)
    {
        var time = new UnpunctualTimeProvider(how);
        CancelScope? scope = null;
        (await CancelScope.MoveOnAfterAsync(
            Second,
            opened =>
            {
                scope = opened;
                return Task.CompletedTask;
            },
            time)).ShouldBeTrue();
        time.Advance(10 * Second);
        scope!.IsCancellationRequested.ShouldBeFalse();
        time.ArmedTimers.ShouldBe(0);
    }

    [ThreadTheory]
    [InlineData(Unpunctuality.Early), InlineData(Unpunctuality.Late), InlineData(Unpunctuality.Twice), InlineData(Unpunctuality.AfterDisposal)]
    public async Task A_place_of_a_limiter_that_came_too_late_goes_to_the_next(Unpunctuality how)
    {
        var time = new UnpunctualTimeProvider(how);
        var limiter = new CapacityLimiter(1);
        var held = await limiter.EnterAsync();
        var late = CancelScope.FailAfterAsync(Second, async _ => await limiter.EnterAsync(), time);
        time.Advance(Second - s_tick);
        late.IsCompleted.ShouldBeFalse();
        time.Advance(s_slack);
        await Should.ThrowAsync<TimeoutException>(late.WaitAsync(TestTimeout.Wait));
        held.Dispose();
        using (await limiter.EnterAsync()) limiter.GetStatistics().Borrowed.ShouldBe(1);
        time.Advance(Second);
        limiter.GetStatistics().Borrowed.ShouldBe(0);
    }

    [ThreadTheory]
    [InlineData(Unpunctuality.Early), InlineData(Unpunctuality.Late), InlineData(Unpunctuality.Twice), InlineData(Unpunctuality.AfterDisposal)]
    public async Task A_loop_on_such_a_clock_wakes_what_sleeps_and_none_before_its_time(Unpunctuality how)
    {
        var time = new UnpunctualTimeProvider(how);
        var woken = RunAsync(
            static async () =>
            {
                var moments = new List<double>();
                double began = Now;
                await SleepAsync(1);
                moments.Add(Now - began);
                (await CancelScope.MoveOnAfterAsync(2 * Second, static _ => SleepAsync(40 * 86_400))).ShouldBeFalse();
                moments.Add(Now - began);
                return moments;
            },
            Real with { TimeProvider = time });
        await TestTimeout.UntilAsync(() =>
        {
            time.Advance(s_step);
            return woken.IsCompleted;
        });
        var seen = await woken;
        seen[0].ShouldBeGreaterThanOrEqualTo(1);
        seen[1].ShouldBeGreaterThanOrEqualTo(3);
    }

    [ThreadFact]
    public async Task Deadlines_of_the_system_s_clock_strike_every_time()
    {
        var all = Enumerable.Range(1, 200).Select(static i => CancelScope.MoveOnAfterAsync(
            TimeSpan.FromMilliseconds(1 + i % 20), static scope => Task.Delay(Timeout.Infinite, scope.Token)));
        (await Task.WhenAll(all).WaitAsync(TestTimeout.Wait)).ShouldAllBe(static isDone => !isDone);
    }
}
