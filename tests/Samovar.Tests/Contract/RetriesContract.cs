namespace Samovar.Tests.Contract;

/// <summary>Attempts that are repeated.</summary>
public abstract class RetriesContract : FailuresContract
{
    protected static readonly RetryPolicy AtOnce = new() { MaxAttempts = 3, Delay = TimeSpan.Zero };

    [Promise]
    public async Task A_failed_attempt_is_repeated_until_one_succeeds()
    {
        await using var executor = Build();
        var future = executor.Submit(
            static () => TaskContext.Current!.Attempt < 3
                ? throw new InvalidOperationException($"attempt {TaskContext.Current.Attempt}")
                : TaskContext.Current.Attempt,
            new() { Retry = AtOnce });
        (await future).ShouldBe(3);
        future.Attempt.ShouldBe(3);
        var statistics = executor.GetStatistics();
        (statistics.Retries, statistics.Succeeded, statistics.Failed, statistics.Submitted).ShouldBe((2, 1, 0, 1));
    }

    [Promise]
    public async Task Asynchronous_work_is_repeated_likewise()
    {
        await using var executor = Build();
        var future = executor.Submit(
            static async () =>
            {
                await Task.Yield();
                return TaskContext.Current!.Attempt < 3 ? throw new InvalidOperationException() : TaskContext.Current.Attempt;
            },
            new() { Retry = AtOnce });
        (await future).ShouldBe(3);
    }

    [Promise]
    public async Task The_last_error_is_the_one_that_arrives()
    {
        await using var executor = Build();
        var future = executor.Submit(
            static () => throw new InvalidOperationException($"attempt {TaskContext.Current!.Attempt}"), new() { Retry = AtOnce });
        (await Should.ThrowAsync<InvalidOperationException>(async () => await future)).Message.ShouldBe("attempt 3");
    }

    [Promise]
    public async Task Errors_that_the_policy_does_not_name_are_not_repeated()
    {
        await using var executor = Build();
        var future = executor.Submit(
            static () => throw new InvalidOperationException(),
            new() { Retry = AtOnce with { RetryOn = static error => error is TimeoutException } });
        await Should.ThrowAsync<InvalidOperationException>(async () => await future);
        future.Attempt.ShouldBe(1);
    }

    [Promise]
    public async Task Errors_in_how_work_is_written_are_not_repeated_unless_the_policy_names_them()
    {
        await using var executor = Build();
        var future = executor.Submit(static () => throw new NoEventLoopException(), new() { Retry = AtOnce });
        await Should.ThrowAsync<NoEventLoopException>(async () => await future);
        future.Attempt.ShouldBe(1);
        var named = executor.Submit(static () => throw new LockRecursionException(), new() { Retry = AtOnce with { RetryOn = static error => error is LockRecursionException } });
        await Should.ThrowAsync<LockRecursionException>(async () => await named);
        named.Attempt.ShouldBe(3);
    }

    [Promise]
    public async Task A_policy_that_throws_fails_the_task_with_both_errors()
    {
        await using var executor = Build();
        var future = executor.Submit(
            static () => throw new InvalidOperationException("work"),
            new() { Retry = AtOnce with { RetryOn = static _ => throw new NotSupportedException("policy") } });
        var error = await Should.ThrowAsync<AggregateException>(async () => await future);
        error.InnerExceptions.Select(e => e.Message).ShouldBe(["work", "policy"]);
    }

    [Promise(Beside)]
    public async Task Between_two_attempts_the_task_is_queued_for_the_delay_and_the_worker_free()
    {
        var time = new ManualTimeProvider();
        await using var executor = Build(time: time);
        var delay = TimeSpan.FromSeconds(13);
        var future = executor.Submit(
            static () => TaskContext.Current!.Attempt == 1 ? throw new InvalidOperationException() : "second",
            new() { Retry = new() { Delay = delay, UseJitter = false, Backoff = RetryBackoff.Constant } });
        await time.WhenArmedAsync(delay);
        future.State.ShouldBe(FutureState.Queued);
        future.Attempt.ShouldBe(2);
        (await executor.Submit(static () => "meanwhile")).ShouldBe("meanwhile");
        time.Advance(delay - TimeSpan.FromTicks(1));
        future.State.ShouldBe(FutureState.Queued);
        time.Advance(TimeSpan.FromTicks(1));
        (await future).ShouldBe("second");
    }

    [Promise(Beside)]
    public async Task A_task_can_be_cancelled_between_two_attempts()
    {
        var time = new ManualTimeProvider();
        await using var executor = Build(time: time);
        var delay = TimeSpan.FromSeconds(13);
        var future = executor.Submit(
            static () => throw new InvalidOperationException(), new() { Retry = new() { Delay = delay, UseJitter = false } });
        await time.WhenArmedAsync(delay);
        future.Cancel().ShouldBeTrue();
        future.State.ShouldBe(FutureState.Canceled);
        await executor.ShutdownAsync().WaitAsync(TestTimeout.Wait);
        time.ArmedTimers.ShouldBe(0);
    }

    [Promise(Beside)]
    public async Task A_cancelled_attempt_is_not_repeated()
    {
        await using var executor = Build();
        Gate started = NewGate(), never = NewGate();
        var future = executor.Submit(
            token =>
            {
                started.Open();
                never.Pass(token);
            },
            new() { Retry = AtOnce });
        await started.PassAsync();
        future.Cancel();
        await future.EndAsync();
        future.State.ShouldBe(FutureState.Canceled);
        future.Attempt.ShouldBe(1);
    }

    [Promise(Beside)]
    public async Task A_timed_out_attempt_is_repeated_with_a_fresh_token_and_its_own_time()
    {
        var time = new ManualTimeProvider();
        await using var executor = Build(time: time);
        Gate second = NewGate(), never = NewGate();
        var future = executor.Submit(
            token =>
            {
                if (TaskContext.Current!.Attempt == 2) second.Open();
                token.ThrowIfCancellationRequested();
                never.Pass(token);
            },
            new() { Timeout = Limit, Retry = AtOnce with { MaxAttempts = 2 } });
        await time.WhenArmedAsync(Limit);
        time.Advance(Limit);
        await second.PassAsync();
        future.IsCompleted.ShouldBeFalse();
        await time.WhenArmedAsync(Limit); // a worker starts before the executor is notified
        time.Advance(Limit);
        (await Should.ThrowAsync<TaskTimeoutException>(async () => await future)).Attempt.ShouldBe(2);
        executor.GetStatistics().TimedOut.ShouldBe(2);
    }
}
