namespace Samovar.Tests.Executors;

/// <summary>Two parties end the same attempt at the same time: the clock of the next attempt must not suffer.</summary>
public sealed class RetryTimerTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan s_delay = TimeSpan.FromSeconds(9);
    private readonly ManualTimeProvider _time = new();

    [ThreadFact]
    public async Task A_late_timer_of_one_attempt_does_not_stop_the_timeout_of_the_next()
    {
        await using var executor = new ThreadExecutor(new() { Workers = 1, TimeProvider = _time });
        Gate registered = new(), second = new(), never = new();
        var future = executor.Submit(
            token =>
            {
                if (TaskContext.Current!.Attempt == 2)
                {
                    second.Open();
                    never.Pass(token);
                }

                var tripped = new Gate();
                token.UnsafeRegister(_ =>
                {
                    tripped.Open();
                    second.Pass(CancellationToken.None); // holds the timer's thread until the second attempt runs
                }, null);
                registered.Open();
                tripped.Pass(CancellationToken.None);
                throw new FormatException();
            },
            new() { Timeout = s_limit, Retry = new() { MaxAttempts = 2, Delay = TimeSpan.Zero } });
        await registered.PassAsync();
        _time.Advance(s_limit);
        _time.Advance(s_limit);
        (await Should.ThrowAsync<TaskTimeoutException>(async () => await future.AsTask().WaitAsync(TestTimeout.Wait))).Attempt.ShouldBe(2);
    }

    [ThreadFact]
    public async Task The_loser_of_two_ends_of_an_attempt_does_not_stop_the_delay_of_the_winner()
    {
        await using var executor = new ThreadExecutor(new() { Workers = 1, TimeProvider = _time, CancellationGrace = TimeSpan.FromSeconds(1) });
        Gate release = new(), loserAsks = new(), loserGoes = new();
        var policy = new RetryPolicy
        {
            MaxAttempts = 2,
            Delay = s_delay,
            UseJitter = false,
            RetryOn = _ =>
            {
                if (Thread.CurrentThread.Name == "the clock")
                {
                    loserAsks.Open();
                    loserGoes.Pass();
                }

                return true;
            },
        };
        var future = executor.Submit(
            () =>
            {
                if (TaskContext.Current!.Attempt == 2) return 2;
                release.Pass();
                throw new FormatException();
            },
            new() { Timeout = s_limit, Retry = policy });
        await _time.WhenArmedAsync(s_limit);
        var clock = new Thread(() => _time.Advance(s_limit + TimeSpan.FromSeconds(1))) { Name = "the clock", IsBackground = true };
        clock.Start();
        await loserAsks.PassAsync();
        release.Open();
        await _time.WhenArmedAsync(s_delay);
        loserGoes.Open();
        clock.Join(TestTimeout.Wait).ShouldBeTrue();
        _time.Advance(s_delay);
        (await future.AsTask().WaitAsync(TestTimeout.Wait)).ShouldBe(2);
    }

    [ThreadFact]
    public async Task An_interrupt_of_the_caller_between_two_attempts_never_leaves_an_inline_task_incomplete()
    {
        await using var executor = new InlineExecutor(new() { TimeProvider = _time });
        await TestSupport.OnOwnThread(() =>
        {
            var future = executor.Submit(
                static () =>
                {
                    if (TaskContext.Current!.Attempt == 2) return 2;
                    Thread.CurrentThread.Interrupt();
                    throw new FormatException();
                },
                new() { Retry = new() { MaxAttempts = 2, Delay = s_delay, UseJitter = false } });
            future.State.ShouldBe(FutureState.Canceled);
            Should.Throw<ThreadInterruptedException>(static () => Thread.CurrentThread.Join(TestTimeout.Wait)); // it is kept for the next wait
        }).WaitAsync(TestTimeout.Wait);
        await executor.DrainAsync().WaitAsync(TestTimeout.Wait);
        executor.GetStatistics().Running.ShouldBe(0);
    }

    [ThreadFact]
    public async Task A_grace_that_is_over_at_once_does_not_stop_the_delay_it_leads_to()
    {
        await using var executor = new ThreadExecutor(new() { Workers = 1, TimeProvider = _time, CancellationGrace = TimeSpan.Zero });
        Gate release = new();
        _time.TimerArmed = due =>
        {
            if (due == TimeSpan.Zero) _time.Advance(TimeSpan.Zero); // fires inside the call that arms it
        };
        var future = executor.Submit(
            () =>
            {
                if (TaskContext.Current!.Attempt == 1) release.Pass();
                return TaskContext.Current!.Attempt;
            },
            new() { Timeout = s_limit, Retry = new() { MaxAttempts = 2, Delay = s_delay, UseJitter = false } });
        await _time.WhenArmedAsync(s_limit);
        _time.Advance(s_limit);
        await _time.WhenArmedAsync(s_delay);
        _time.Advance(s_delay);
        (await future.AsTask().WaitAsync(TestTimeout.Wait)).ShouldBe(2);
        release.Open();
        await TestTimeout.UntilAsync(() => _time.ArmedTimers <= 1); // the executor's own, for idle workers
    }

    [ThreadFact]
    public async Task A_slow_answer_to_the_timeout_of_one_attempt_neither_stops_nor_ends_the_next()
    {
        var grace = TimeSpan.FromSeconds(5);
        await using var executor = new ThreadExecutor(new() { Workers = 1, TimeProvider = _time, CancellationGrace = grace });
        Gate registered = new(), tripped = new(), answered = new(), second = new(), finish = new();
        var future = executor.Submit(
            token =>
            {
                if (TaskContext.Current!.Attempt == 2)
                {
                    second.Open();
                    finish.Pass(token);
                    return token.IsCancellationRequested;
                }

                token.UnsafeRegister(_ =>
                {
                    tripped.Open();
                    answered.Pass();
                }, null);
                registered.Open();
                tripped.Pass(CancellationToken.None);
                throw new FormatException();
            },
            new() { Timeout = s_limit, Retry = new() { MaxAttempts = 2, Delay = TimeSpan.Zero } });
        await registered.PassAsync();
        var clock = TestSupport.OnOwnThread(() => _time.Advance(s_limit));
        await second.PassAsync();
        answered.Open();
        await clock;
        _time.Advance(grace); // that of the first attempt, were it granted now
        future.IsCompleted.ShouldBeFalse();
        finish.Open();
        (await future.AsTask().WaitAsync(TestTimeout.Wait)).ShouldBeFalse();
        executor.GetStatistics().TimedOut.ShouldBe(1);
    }

    [ThreadFact]
    public async Task The_end_of_an_abandoned_attempt_affects_neither_the_next_nor_the_policy()
    {
        await using var executor = new ThreadExecutor(new() { Workers = 1, TimeProvider = _time, CancellationGrace = TimeSpan.Zero });
        Gate release = new(), second = new(), never = new();
        Thread? stuck = null;
        int asked = 0;
        var policy = new RetryPolicy
        {
            MaxAttempts = 3,
            Delay = s_delay,
            UseJitter = false,
            Backoff = RetryBackoff.Constant,
            RetryOn = _ =>
            {
                Interlocked.Increment(ref asked);
                return true;
            },
        };
        var future = executor.Submit(
            token =>
            {
                switch (TaskContext.Current!.Attempt)
                {
                    case 1:
                        stuck = Thread.CurrentThread;
                        release.Pass(CancellationToken.None);
                        throw new FormatException("late");
                    case 2:
                        second.Open();
                        never.Pass(token);
                        return 2;
                    default:
                        return 3;
                }
            },
            new() { Timeout = s_limit, Retry = policy });
        await _time.WhenArmedAsync(s_limit);
        await TestTimeout.UntilAsync(() => Volatile.Read(ref stuck) is not null);
        _time.Advance(s_limit); // the first attempt is abandoned
        await _time.WhenArmedAsync(s_delay);
        release.Open();
        stuck!.Join(TestTimeout.Wait).ShouldBeTrue();
        future.State.ShouldBe(FutureState.Queued);
        asked.ShouldBe(1, "the policy is not called for an attempt that has completed");
        _time.Advance(s_delay);
        await second.PassAsync(); // its delay was not stopped
        _time.Advance(s_limit); // nor is its timeout
        await _time.WhenArmedAsync(s_delay);
        _time.Advance(s_delay);
        (await future.AsTask().WaitAsync(TestTimeout.Wait)).ShouldBe(3);
        asked.ShouldBe(2);
    }
}
