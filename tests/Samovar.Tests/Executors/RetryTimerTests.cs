namespace Samovar.Tests.Executors;

/// <summary>Two parties end the same attempt at the same time: the clock of the next attempt must not suffer.</summary>
public sealed class RetryTimerTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan s_delay = TimeSpan.FromSeconds(9);
    private readonly ManualTimeProvider _time = new();

    [Fact(Timeout = Hang.Milliseconds)]
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
        (await Should.ThrowAsync<TaskTimeoutException>(async () => await future.AsTask().WaitAsync(Hang.Limit))).Attempt.ShouldBe(2);
    }

    [Fact(Timeout = Hang.Milliseconds)]
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
        clock.Join(Hang.Limit).ShouldBeTrue();
        _time.Advance(s_delay);
        (await future.AsTask().WaitAsync(Hang.Limit)).ShouldBe(2);
    }
}
