using System.Runtime.Versioning;
using Samovar.Ipc.Channel;
using Samovar.Ipc.Platform;

namespace Samovar.Tests.Executors;

/// <summary>Timeouts, retries and idle times on clocks whose timers call early, late, twice, or once more after they were disposed.</summary>
public sealed class UnpunctualTimerTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan s_delay = TimeSpan.FromSeconds(9);
    private static readonly TimeSpan s_tick = TimeSpan.FromTicks(1);
    private static readonly TimeSpan s_slack = TimeSpan.FromMilliseconds(10);

    [ThreadTheory]
    [InlineData(Unpunctuality.Early), InlineData(Unpunctuality.Late), InlineData(Unpunctuality.Twice), InlineData(Unpunctuality.AfterDisposal)]
    public async Task A_timeout_strikes_once(Unpunctuality how)
    {
        var time = new UnpunctualTimeProvider(how);
        await using var executor = new ThreadExecutor(new() { Workers = 1, TimeProvider = time });
        var future = executor.Submit(static token => Task.Delay(Timeout.Infinite, token), new() { Timeout = s_limit });
        await time.WhenArmedAsync(s_limit);
        time.Advance(s_limit + s_slack);
        (await Should.ThrowAsync<TaskTimeoutException>(async () => await future.AsTask().WaitAsync(TestTimeout.Wait))).Attempt.ShouldBe(1);
        var next = executor.Submit(static () => "next", new() { Timeout = s_limit });
        (await next.AsTask().WaitAsync(TestTimeout.Wait)).ShouldBe("next");
        time.Advance(2 * s_limit);
        executor.GetStatistics().TimedOut.ShouldBe(1);
    }

    [ThreadTheory]
    [InlineData(Unpunctuality.Early), InlineData(Unpunctuality.Late), InlineData(Unpunctuality.Twice), InlineData(Unpunctuality.AfterDisposal)]
    public async Task Each_delay_of_a_retry_starts_one_attempt(Unpunctuality how)
    {
        var time = new UnpunctualTimeProvider(how);
        await using var executor = new ThreadExecutor(new() { Workers = 1, TimeProvider = time, IdleTimeout = Timeout.InfiniteTimeSpan });
        int started = 0;
        var future = executor.Submit(
            () => Interlocked.Increment(ref started) < 4 ? throw new FormatException() : "at last",
            new() { Retry = new() { MaxAttempts = 9, Delay = s_delay, UseJitter = false, Backoff = RetryBackoff.Constant } });
        for (int attempt = 1; attempt < 4; attempt++)
        {
            await time.WhenArmedAsync(s_delay);
            time.Advance(s_tick); // the timer of the attempt before calls once more
            await executor.Submit(static () => { }); // behind what that has started
            Volatile.Read(ref started).ShouldBe(attempt);
            time.Advance(s_delay + s_slack);
        }

        (await future.AsTask().WaitAsync(TestTimeout.Wait)).ShouldBe("at last");
        time.Advance(s_limit);
        await executor.Submit(static () => { });
        started.ShouldBe(4);
        future.Attempt.ShouldBe(4);
    }

    [ThreadTheory]
    [InlineData(Unpunctuality.Early), InlineData(Unpunctuality.Late), InlineData(Unpunctuality.Twice), InlineData(Unpunctuality.AfterDisposal)]
    public async Task Idle_threads_exit_when_their_time_has_passed_and_not_before(Unpunctuality how)
    {
        var time = new UnpunctualTimeProvider(how);
        await using var executor = new ThreadExecutor(new() { Workers = 1, TimeProvider = time, IdleTimeout = s_limit });
        await executor.Submit(static () => { });
        await TestTimeout.UntilAsync(() => executor.GetStatistics().IdleWorkers == 1);
        time.Advance(s_limit - s_tick);
        executor.GetStatistics().LiveWorkers.ShouldBe(1);
        time.Advance(s_slack);
        await TestTimeout.UntilAsync(() => executor.GetStatistics().LiveWorkers == 0);
    }

    [ThreadTheory]
    [InlineData(Unpunctuality.Early), InlineData(Unpunctuality.Late), InlineData(Unpunctuality.Twice), InlineData(Unpunctuality.AfterDisposal)]
    [SupportedOSPlatform("linux")]
    public void Segments_are_dropped_when_their_time_has_passed_and_not_before(Unpunctuality how)
    {
        var time = new UnpunctualTimeProvider(how);
        using var warm = new WarmSegments(ChannelPlatform.Create(ChannelKind.Linux), time);
        for (int round = 0; round < 2; round++)
        {
            warm.Return(warm.Rent(1000));
            time.Advance(WarmSegments.Patience - s_tick);
            warm.KeptBytes.ShouldBeGreaterThan(0);
            time.Advance(s_slack);
            warm.KeptBytes.ShouldBe(0);
        }
    }
}
