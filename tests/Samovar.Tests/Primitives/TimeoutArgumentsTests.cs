using Samovar.Ipc;
using Samovar.Primitives;
using Samovar.Tests.Processes;

namespace Samovar.Tests.Primitives;

/// <summary>One rule for no limit, in all options and arguments.</summary>
[Collection(ProcessTestCollection.Name)]
public sealed class TimeoutArgumentsTests
{
    public static TheoryData<TimeSpan> Unlimited => [Timeout.InfiniteTimeSpan, TimeSpan.MaxValue];

    [ThreadTheory]
    [MemberData(nameof(Unlimited))]
    public void Options_take_no_limit_and_say_it_in_one_way(TimeSpan none)
    {
        new TaskOptions { Timeout = none }.Timeout.ShouldBeNull();
        new MapOptions { TotalTimeout = none }.TotalTimeout.ShouldBeNull();
        TimeSpan[] said =
        [
            new ThreadExecutorOptions { IdleTimeout = none }.IdleTimeout,
            new ThreadExecutorOptions { CancellationGrace = none }.CancellationGrace,
            new ProcessExecutorOptions { IdleTimeout = none }.IdleTimeout,
            new ProcessExecutorOptions { StartTimeout = none }.StartTimeout,
            new ChildProcessOptions { StartTimeout = none }.StartTimeout,
            new EventLoopOptions { SlowCallbackThreshold = none }.SlowCallbackThreshold,
            new RetryPolicy { MaxDelay = none }.MaxDelay,
        ];
        said.ShouldAllBe(static time => time == Timeout.InfiniteTimeSpan);
    }

    [ThreadTheory]
    [MemberData(nameof(Unlimited))]
    public async Task Waits_take_no_limit(TimeSpan none)
    {
        await using var threads = new ThreadExecutor(new() { Workers = 1 });
        var future = threads.Submit(static () => 7);
        future.GetResult(none).ShouldBe(7);
        (await Futures.WaitAsync([future], timeout: none)).Done.Count.ShouldBe(1);
        await foreach (var ended in Futures.AsCompleted([future], none)) ended.Result.ShouldBe(7);
        await CancelScope.FailAfterAsync(none, static _ => Task.CompletedTask);

        using var gate = new ProcessLock();
        using (var lease = gate.TryEnter(none).ShouldNotBeNull())
        {
            using var condition = new ProcessCondition(gate);
            condition.Wait(lease, static () => true, none).ShouldBeTrue();
        }

        (await gate.TryEnterAsync(none)).ShouldNotBeNull().Dispose();
        using var barrier = new ProcessBarrier(1);
        barrier.SignalAndWait(none).ShouldBeTrue();
        using var queue = new ProcessQueue<int>(1);
        queue.TryPut(1, none).ShouldBeTrue();
        queue.TryTake(out int item, none).ShouldBeTrue();
        item.ShouldBe(1);
    }

    [ThreadFact]
    public void A_time_that_no_timer_holds_is_refused_with_the_word_for_no_limit()
    {
        var error = Should.Throw<ArgumentOutOfRangeException>(static () => new TaskOptions { Timeout = TimeSpan.FromDays(50) });
        error.Message.ShouldContain("Timeout.InfiniteTimeSpan for no limit");
        error.ActualValue.ShouldBe(TimeSpan.FromDays(50));
        Should.Throw<ArgumentOutOfRangeException>(static () => new RetryPolicy { Delay = Timeout.InfiniteTimeSpan }).Message.ShouldNotContain("no limit");
    }

    [ThreadFact]
    public void Retry_delays_without_a_limit_end_where_timers_do()
    {
        double jitter = 0;
        var policy = new RetryPolicy { MaxDelay = Timeout.InfiniteTimeSpan, Delay = TimeSpan.FromSeconds(1), UseJitter = false, MaxAttempts = 1000 };
        policy.DelayAfter(3, ref jitter).ShouldBe(TimeSpan.FromSeconds(4));
        policy.DelayAfter(999, ref jitter).ShouldBe(TimeoutArguments.Longest);
    }

    [ThreadFact]
    public async Task A_shutdown_without_a_limit_waits_for_work_that_ignores_its_token()
    {
        var threads = new ThreadExecutor(new() { Workers = 1, CancellationGrace = Timeout.InfiniteTimeSpan });
        Gate begun = new(), release = new();
        var work = threads.Submit(() =>
        {
            begun.Open();
            release.Pass();
            return 7;
        });
        await begun.PassAsync();
        var shutdown = threads.ShutdownAsync(ShutdownMode.Kill);
        shutdown.IsCompleted.ShouldBeFalse();
        release.Open();
        await shutdown.WaitAsync(TestTimeout.Wait);
        (await work).ShouldBe(7);
    }

    [ProcessFact]
    public async Task Workers_and_children_start_without_a_limit()
    {
        await using var pool = new ProcessExecutor(new() { Workers = 1, StartTimeout = Timeout.InfiniteTimeSpan });
        (await pool.Submit(static () => 7)).ShouldBe(7);
        var child = ChildProcess.Start(static () => 8, new() { StartTimeout = TimeSpan.MaxValue });
        (await child.JoinAsync(TimeSpan.MaxValue)).ShouldBe(8);
    }
}
