namespace Samovar.Tests.Contract;

/// <summary>How an executor stops, and what becomes of its tasks.</summary>
public abstract class ShutdownContract : StatisticsContract
{
    [Promise]
    public async Task Submit_after_shutdown_throws_at_once_and_names_the_executor()
    {
        var executor = Build(name: "closed for the day");
        await executor.ShutdownAsync();
        foreach (Action submit in (Action[])[
            () => executor.Submit(static () => { }),
            () => executor.Submit(static () => 1),
            () => executor.Submit(static async () => await Task.Yield())])
        {
            Should.Throw<ObjectDisposedException>(submit).Message.ShouldContain("closed for the day");
        }

        (await Should.ThrowAsync<ObjectDisposedException>(() => ListAsync(executor.Map([1, 2], static i => i))))
            .Message.ShouldContain("closed for the day");
        executor.GetStatistics().Submitted.ShouldBe(0);
    }

    [Promise]
    public async Task An_executor_that_never_ran_anything_shuts_down_in_every_mode()
    {
        foreach (var mode in Enum.GetValues<ShutdownMode>()) await Build().ShutdownAsync(mode).WaitAsync(TestTimeout.Wait);
    }

    [Promise]
    public async Task Shutting_down_twice_is_the_same_as_once()
    {
        var executor = Build();
        await executor.Submit(static () => 1);
        await executor.ShutdownAsync();
        await executor.ShutdownAsync(ShutdownMode.Kill).WaitAsync(TestTimeout.Wait);
        await executor.DisposeAsync();
    }

    [Promise(Beside)]
    public async Task Leaving_the_using_block_waits_for_outstanding_work()
    {
        var release = NewGate();
        var executor = Build(workers: 2);
        var futures = Enumerable.Range(0, 50).Select(_ => executor.Submit(Passing(release))).ToList();
        var leaving = LeaveAsync();
        leaving.IsCompleted.ShouldBeFalse();
        release.Open();
        await leaving.WaitAsync(TestTimeout.Wait);
        futures.ShouldAllBe(f => f.State == FutureState.Succeeded);

        async Task LeaveAsync()
        {
            await using (executor)
            {
            }
        }
    }

    [Promise(Beside)]
    public async Task Cancelling_the_queue_at_shutdown_lets_running_work_finish()
    {
        var executor = Build();
        Gate release = NewGate(), touched = NewGate();
        var running = await OccupyAsync(executor, release);
        var queued = Enumerable.Range(0, 20).Select(_ => executor.Submit(Opening(touched))).ToList();
        var shutdown = executor.ShutdownAsync(ShutdownMode.CancelQueued);
        queued.ShouldAllBe(f => f.State == FutureState.Canceled);
        shutdown.IsCompleted.ShouldBeFalse();
        running.State.ShouldBe(FutureState.Running);
        release.Open();
        await shutdown.WaitAsync(TestTimeout.Wait);
        running.State.ShouldBe(FutureState.Succeeded);
        touched.IsOpen.ShouldBeFalse();
    }

    [Promise(Beside)]
    public async Task Killing_cancels_what_waits_and_trips_the_token_of_what_runs()
    {
        var executor = Build(grace: TestTimeout.Wait);
        Gate started = NewGate(), never = NewGate();
        var running = executor.Submit(WaitingForToken(started, never));
        var queued = executor.Submit(static () => 1);
        await started.PassAsync();
        await executor.ShutdownAsync(ShutdownMode.Kill).WaitAsync(TestTimeout.Wait);
        running.State.ShouldBe(FutureState.Canceled);
        queued.State.ShouldBe(FutureState.Canceled);
        Should.Throw<ObjectDisposedException>(() => executor.Submit(static () => 1));
    }

    [Promise(Beside | Capabilities.GivesUpStuckWork)]
    public async Task Killing_gives_up_work_that_ignores_its_token_after_the_grace()
    {
        var time = new ManualTimeProvider();
        var executor = Build(workers: 2, time: time);
        var release = NewGate();
        var synchronous = await OccupyAsync(executor, release);
        var started = NewGate();
        var asynchronous = executor.Submit(async () =>
        {
            started.Open();
            await release.PassAsync();
        });
        await started.PassAsync();
        var shutdown = executor.ShutdownAsync(ShutdownMode.Kill, Limit);
        await time.WhenArmedAsync(Limit);
        synchronous.State.ShouldBe(FutureState.Running);
        time.Advance(Limit);
        await shutdown.WaitAsync(TestTimeout.Wait);
        synchronous.State.ShouldBe(FutureState.Canceled);
        asynchronous.State.ShouldBe(FutureState.Canceled);
        release.Open();
    }

    [Promise(Beside)]
    public async Task A_drain_that_takes_too_long_can_be_turned_into_a_kill()
    {
        var executor = Build(grace: TestTimeout.Wait);
        Gate started = NewGate(), never = NewGate();
        var running = executor.Submit(WaitingForToken(started, never));
        await started.PassAsync();
        using var enough = new CancellationTokenSource();
        var drain = executor.ShutdownAsync(cancellationToken: enough.Token);
        await enough.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(drain);
        running.State.ShouldBe(FutureState.Running);
        await Should.ThrowAsync<TimeoutException>(executor.ShutdownAsync().WaitAsync(TimeSpan.FromMilliseconds(1)));
        await executor.ShutdownAsync(ShutdownMode.Kill).WaitAsync(TestTimeout.Wait);
        running.State.ShouldBe(FutureState.Canceled);
    }

    [Promise(Beside)]
    public async Task Shutdown_takes_tasks_that_wait_for_their_next_attempt()
    {
        var time = new ManualTimeProvider();
        var delay = TimeSpan.FromSeconds(13);
        var options = new TaskOptions { Retry = new() { Delay = delay, UseJitter = false } };
        foreach (var mode in (ShutdownMode[])[ShutdownMode.CancelQueued, ShutdownMode.Kill])
        {
            var executor = Build(time: time);
            var future = executor.Submit(static () => throw new FormatException(), options);
            await time.WhenArmedAsync(delay);
            await executor.ShutdownAsync(mode).WaitAsync(TestTimeout.Wait);
            future.State.ShouldBe(FutureState.Canceled);
        }
    }

    [Promise]
    public async Task A_shutdown_that_is_not_awaited_completes_after_a_failed_task()
    {
        foreach (int workers in (int[])[1, 2, 4])
        {
            var executor = Build(workers);
            var future = executor.Submit(static () => throw new FormatException());
            var shutdown = executor.ShutdownAsync();
            await Should.ThrowAsync<FormatException>(async () => await future);
            await shutdown.WaitAsync(TestTimeout.Wait);
        }
    }

    [Promise(Beside)]
    public async Task Submit_that_races_with_shutdown_runs_to_completion_or_throws()
    {
        for (int round = 0; round < 30; round++)
        {
            var executor = Build(workers: 2);
            var accepted = new List<Future<int>>();
            var go = new Gate();
            var submitter = TestSupport.OnOwnThread(() =>
            {
                go.Pass();
                try
                {
                    for (int i = 0; i < 10_000; i++) accepted.Add(executor.Submit(static () => 1));
                }
                catch (ObjectDisposedException)
                {
                    return; // the race is over
                }
            });
            go.Open();
            await executor.ShutdownAsync((ShutdownMode)(round % 3)).WaitAsync(TestTimeout.Wait);
            await submitter;
            accepted.ShouldAllBe(f => f.IsCompleted);
            var statistics = executor.GetStatistics();
            statistics.Submitted.ShouldBe(accepted.Count);
            (statistics.Succeeded + statistics.Canceled).ShouldBe(accepted.Count);
        }
    }

    [Promise(Beside)]
    public async Task DrainAsync_waits_for_the_submitted_tasks_and_the_executor_continues()
    {
        await using var executor = Build();
        var release = NewGate();
        await OccupyAsync(executor, release);
        var queued = executor.Submit(static () => 1);
        var drain = executor.DrainAsync();
        drain.IsCompleted.ShouldBeFalse();
        using var source = new CancellationTokenSource();
        var impatient = executor.DrainAsync(source.Token);
        await source.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(impatient);
        release.Open();
        await drain.WaitAsync(TestTimeout.Wait);
        queued.State.ShouldBe(FutureState.Succeeded);
        (await executor.Submit(static () => 2)).ShouldBe(2);
    }

    [Promise]
    public async Task Bad_arguments_to_shutdown_are_refused()
    {
        await using var executor = Build();
        Should.Throw<ArgumentOutOfRangeException>(() => { _ = executor.ShutdownAsync((ShutdownMode)9); }).ParamName.ShouldBe("mode");
        Should.Throw<ArgumentOutOfRangeException>(() => { _ = executor.ShutdownAsync(ShutdownMode.Kill, TimeSpan.FromTicks(-1)); })
            .ParamName.ShouldBe("grace");
        (await executor.Submit(static () => "still open")).ShouldBe("still open");
    }

    [Promise(Shared)]
    public async Task A_task_cannot_wait_for_the_end_of_its_own_executor()
    {
        await using var executor = Build();
        var drain = executor.Submit(async () => await executor.DrainAsync());
        var shutdown = executor.Submit(() => { _ = executor.ShutdownAsync(); });
        (await Should.ThrowAsync<InvalidOperationException>(async () => await drain)).Message.ShouldContain("own task");
        (await Should.ThrowAsync<InvalidOperationException>(async () => await shutdown)).Message.ShouldContain(executor.Name);
    }
}
