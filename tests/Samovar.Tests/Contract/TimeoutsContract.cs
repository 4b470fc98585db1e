namespace Samovar.Tests.Contract;

/// <summary>Work that takes longer than it may.</summary>
public abstract class TimeoutsContract : CancellingContract
{
    [Promise(Beside)]
    public async Task A_timeout_trips_the_token_and_fails_the_task()
    {
        var time = new ManualTimeProvider();
        await using var executor = Build(time: time);
        var never = NewGate();
        var future = executor.Submit(token => never.Pass(token), new() { Timeout = Limit, Name = "slow" });
        await time.WhenArmedAsync(Limit);
        time.Advance(Limit - TimeSpan.FromTicks(1));
        future.IsCompleted.ShouldBeFalse();
        time.Advance(TimeSpan.FromTicks(1));
        var error = await Should.ThrowAsync<TaskTimeoutException>(async () => await future);
        (error.TaskId, error.TaskName, error.Attempt, error.Timeout).ShouldBe((future.Id, "slow", 1, Limit));
        error.InnerException.ShouldBeNull();
        future.State.ShouldBe(FutureState.Failed);
        executor.GetStatistics().TimedOut.ShouldBe(1);
    }

    [Promise(Beside)]
    public async Task Waiting_in_the_queue_does_not_count_towards_the_timeout()
    {
        var time = new ManualTimeProvider();
        await using var executor = Build(time: time);
        var release = NewGate();
        await OccupyAsync(executor, release);
        var future = executor.Submit(static () => "in time", new() { Timeout = Limit });
        time.Advance(Limit * 10);
        release.Open();
        (await future).ShouldBe("in time");
    }

    [Promise(Beside)]
    public async Task Asynchronous_work_times_out_likewise()
    {
        var time = new ManualTimeProvider();
        await using var executor = Build(time: time);
        var never = NewGate();
        var future = executor.Submit(async token => await never.PassAsync(token), new() { Timeout = Limit });
        await time.WhenArmedAsync(Limit);
        time.Advance(Limit);
        await Should.ThrowAsync<TaskTimeoutException>(async () => await future);
    }

    [Promise(Beside)]
    public async Task An_error_that_answers_the_timeout_is_kept_inside_it()
    {
        var time = new ManualTimeProvider();
        await using var executor = Build(time: time);
        var never = NewGate();
        var future = executor.Submit(
            token =>
            {
                try
                {
                    never.Pass(token);
                }
                catch (OperationCanceledException)
                {
                    throw new InvalidOperationException("half written");
                }
            },
            new() { Timeout = Limit });
        await time.WhenArmedAsync(Limit);
        time.Advance(Limit);
        var error = await Should.ThrowAsync<TaskTimeoutException>(async () => await future);
        error.InnerException.ShouldBeOfType<InvalidOperationException>().Message.ShouldBe("half written");
    }

    [Promise(Beside)]
    public async Task A_result_that_comes_after_the_time_is_a_timeout_all_the_same()
    {
        var time = new ManualTimeProvider();
        await using var executor = Build(time: time, grace: Limit);
        var release = NewGate();
        var future = executor.Submit(
            () =>
            {
                release.Pass();
                return 1;
            },
            new() { Timeout = Limit });
        await time.WhenArmedAsync(Limit);
        time.Advance(Limit);
        release.Open();
        await Should.ThrowAsync<TaskTimeoutException>(async () => await future);
    }

    [Promise(Beside | Capabilities.GivesUpStuckWork)]
    public async Task Work_that_ignores_its_token_is_abandoned_after_the_grace()
    {
        var time = new ManualTimeProvider();
        var grace = TimeSpan.FromSeconds(11);
        await using var executor = Build(time: time, grace: grace);
        var release = NewGate();
        var stuck = executor.Submit(() => release.Pass(), new() { Timeout = Limit });
        await time.WhenArmedAsync(Limit);
        time.Advance(Limit);
        stuck.State.ShouldBe(FutureState.Running);
        time.Advance(grace - TimeSpan.FromTicks(1));
        stuck.State.ShouldBe(FutureState.Running);
        time.Advance(TimeSpan.FromTicks(1));
        await Should.ThrowAsync<TaskTimeoutException>(async () => await stuck);
        (await executor.Submit(static () => "the next")).ShouldBe("the next");
        executor.GetStatistics().Abandoned.ShouldBe(1);
        release.Open();
    }

    [Promise(Beside | Capabilities.GivesUpStuckWork)]
    public async Task Asynchronous_work_that_ignores_its_token_is_abandoned_too()
    {
        var time = new ManualTimeProvider();
        var grace = TimeSpan.FromSeconds(11);
        await using var executor = Build(time: time, grace: grace);
        var release = NewGate();
        var stuck = executor.Submit(async () => await release.PassAsync(), new() { Timeout = Limit });
        await time.WhenArmedAsync(Limit);
        time.Advance(Limit + grace);
        await Should.ThrowAsync<TaskTimeoutException>(async () => await stuck);
        (await executor.Submit(static () => "the next")).ShouldBe("the next");
        release.Open();
    }

    [Promise]
    public async Task Work_that_completes_in_time_leaves_no_timer()
    {
        var time = new ManualTimeProvider();
        await using var executor = Build(time: time);
        (await executor.Submit(static () => 1, new() { Timeout = Limit })).ShouldBe(1);
        await executor.ShutdownAsync();
        time.ArmedTimers.ShouldBe(0);
    }

    [Promise(Beside | Several)]
    public async Task Only_the_slow_ones_of_many_time_out()
    {
        var time = new ManualTimeProvider();
        await using var executor = Build(workers: 2, time: time);
        var never = NewGate();
        var slow = executor.Submit(WaitingForToken(NewGate(), never), new() { Timeout = Limit });
        var quick = Enumerable.Range(0, 20).Select(i => executor.Submit(() => i, new() { Timeout = Limit })).ToList();
        (await Futures.WaitAsync(quick, timeout: TestTimeout.Wait)).Pending.ShouldBeEmpty();
        await time.WhenArmedAsync(Limit);
        time.Advance(Limit);
        await Should.ThrowAsync<TaskTimeoutException>(async () => await slow);
        quick.Select(f => f.Result).ShouldBe(Enumerable.Range(0, 20));
    }

    [Promise]
    public Task A_timeout_that_is_not_positive_is_refused()
    {
        foreach (var timeout in (TimeSpan[])[TimeSpan.Zero, TimeSpan.FromTicks(-1), TimeSpan.FromDays(50)])
        {
            var error = Should.Throw<ArgumentOutOfRangeException>(() => new TaskOptions { Timeout = timeout });
            error.ParamName.ShouldBe("Timeout");
            error.ActualValue.ShouldBe(timeout);
        }

        return Task.CompletedTask;
    }
}
