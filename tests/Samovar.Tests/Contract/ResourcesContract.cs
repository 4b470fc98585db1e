namespace Samovar.Tests.Contract;

/// <summary>Resources that tasks share.</summary>
public abstract class ResourcesContract : ActorsContract
{
    private const Capabilities Has = Capabilities.HasResources;

    private static readonly TaskOptions s_one = new() { Requires = { ["gpu"] = 1 } };

    [Promise(Has | Beside)]
    public async Task A_task_starts_when_its_resources_are_free()
    {
        await using var executor = Build(gpus: 1, workers: 2);
        var release = NewGate();
        var (holder, started) = Hold(executor, release);
        await started.PassAsync();
        var waiting = executor.Submit(static () => 7, s_one);
        var cpu = ResourceOf(executor);
        (cpu.Total, cpu.InUse, cpu.Waiting).ShouldBe((1.0, 1.0, 1L));
        waiting.State.ShouldBe(FutureState.Queued);
        release.Open();
        (await waiting).ShouldBe(7);
        await holder;
        ResourceOf(executor).InUse.ShouldBe(0);
    }

    [Promise(Has | Beside | Several)]
    public async Task Tasks_that_fit_together_run_together_and_one_that_needs_nothing_passes()
    {
        await using var executor = Build(gpus: 2, workers: 3);
        var release = NewGate();
        var (first, firstStarted) = Hold(executor, release);
        var (second, secondStarted) = Hold(executor, release);
        var third = executor.Submit(static () => { }, s_one);
        await firstStarted.PassAsync();
        await secondStarted.PassAsync();
        (await executor.Submit(static () => "passes")).ShouldBe("passes");
        (await executor.Submit(static () => "passes", new() { Requires = { ["memory"] = 1L << 30 } })).ShouldBe("passes");
        (ResourceOf(executor).InUse, ResourceOf(executor).Waiting).ShouldBe((2.0, 1L));
        third.State.ShouldBe(FutureState.Queued);
        release.Open();
        (await Futures.WaitAsync([first, second, third], timeout: TestTimeout.Wait)).Pending.ShouldBeEmpty();
    }

    [Promise(Has | Beside | Several)]
    public async Task A_large_request_is_not_overtaken_by_small_ones()
    {
        await using var executor = Build(gpus: 2, workers: 4);
        Gate release = NewGate(), releaseLarge = NewGate();
        var (holder, started) = Hold(executor, release);
        await started.PassAsync();
        var (large, largeStarted) = Hold(executor, releaseLarge, new() { Requires = { ["gpu"] = 2 } });
        var small = executor.Submit(static () => { }, s_one); // one GPU is free
        ResourceOf(executor).Waiting.ShouldBe(2);
        release.Open();
        await largeStarted.PassAsync();
        small.State.ShouldBe(FutureState.Queued);
        releaseLarge.Open();
        await small;
        await large;
        await holder;
    }

    [Promise(Has | Beside)]
    public async Task Resources_go_to_the_highest_priority_first()
    {
        await using var executor = Build(gpus: 1);
        var release = NewGate();
        var (holder, started) = Hold(executor, release);
        await started.PassAsync();
        var low = executor.Submit(static () => { }, s_one with { Priority = TaskPriority.Low });
        var normal = executor.Submit(static () => { }, s_one);
        var high = executor.Submit(static () => { }, s_one with { Priority = TaskPriority.High });
        release.Open();
        (await Futures.WaitAsync([holder, low, normal, high], timeout: TestTimeout.Wait)).Pending.ShouldBeEmpty();
        high.FinishedAt!.Value.ShouldBeLessThanOrEqualTo(normal.StartedAt!.Value);
        normal.FinishedAt!.Value.ShouldBeLessThanOrEqualTo(low.StartedAt!.Value);
    }

    [Promise(Has)]
    public async Task More_than_there_is_is_refused()
    {
        await using var executor = Build(gpus: 2, name: "lab");
        var error = Should.Throw<InsufficientResourcesException>(() => executor.Submit(static () => { }, new() { Requires = { ["gpu"] = 3 } }));
        (error.Executor, error.Resource, error.Required, error.Total).ShouldBe(("lab", "gpu", 3.0, 2.0));
        error.Message.ShouldStartWith("The task requires 3 of the resource 'gpu', and ");
        error.Message.ShouldContain(", so the task could never start. The ");
        error.Message.ShouldContain(": gpu 2, memory 68719476736. Require less, or ");
        Should.Throw<InsufficientResourcesException>(() => executor.Submit(static () => { }, new() { Requires = { ["tpu"] = 1 } })).Total.ShouldBe(0);
        Should.Throw<InsufficientResourcesException>(() => executor.Map([1], static item => item, new() { Requires = { ["gpu"] = 3 } })).Resource.ShouldBe("gpu");
        executor.GetStatistics().Submitted.ShouldBe(0);
    }

    [Promise(Has)]
    public async Task An_executor_without_resources_refuses_tasks_that_require_any()
    {
        await using var executor = Build();
        Should.Throw<InsufficientResourcesException>(() => executor.Submit(static () => { }, s_one)).Total.ShouldBe(0);
    }

    [Promise(Has)]
    public async Task A_task_that_fails_returns_its_resources()
    {
        await using var executor = Build(gpus: 1);
        await Should.ThrowAsync<InvalidOperationException>(async () => await executor.Submit(static () => throw new InvalidOperationException(), s_one));
        ResourceOf(executor).InUse.ShouldBe(0);
        (await executor.Submit(static () => 7, s_one)).ShouldBe(7);
    }

    [Promise(Has | Beside)]
    public async Task A_task_that_is_cancelled_while_it_waits_leaves_the_line()
    {
        await using var executor = Build(gpus: 2, workers: 2);
        var release = NewGate();
        var (holder, started) = Hold(executor, release);
        await started.PassAsync();
        var large = executor.Submit(static () => { }, new() { Requires = { ["gpu"] = 2 } });
        using var source = new CancellationTokenSource();
        var other = executor.Submit(static () => { }, new() { Requires = { ["gpu"] = 2 }, CancellationToken = source.Token });
        var (small, _) = Hold(executor, release);
        ResourceOf(executor).Waiting.ShouldBe(3);
        large.Cancel().ShouldBeTrue();
        ResourceOf(executor).Waiting.ShouldBe(2);
        await source.CancelAsync();
        (ResourceOf(executor).Waiting, ResourceOf(executor).InUse).ShouldBe((0L, 2.0)); // the small one has one
        other.State.ShouldBe(FutureState.Canceled);
        release.Open();
        await holder;
        await small;
        ResourceOf(executor).InUse.ShouldBe(0);
    }

    [Promise(Has | Beside)]
    public async Task A_task_between_two_attempts_has_no_resources()
    {
        var time = new ManualTimeProvider();
        var delay = TimeSpan.FromSeconds(10);
        var executor = Build(gpus: 1, time: time);
        await using var end = TestSupport.KillAtEnd(executor);
        var future = executor.Submit(
            static () => TaskContext.Current!.Attempt == 1 ? throw new InvalidOperationException() : TaskContext.Current.Resources["gpu"].Amount,
            s_one with { Retry = new() { MaxAttempts = 2, Delay = delay, UseJitter = false } });
        await time.WhenArmedAsync(delay);
        ResourceOf(executor).InUse.ShouldBe(0);
        (await executor.Submit(static () => 7, s_one)).ShouldBe(7);
        time.Advance(delay);
        (await future).ShouldBe(1);
        ResourceOf(executor).InUse.ShouldBe(0);
    }

    [Promise(Has | Beside | Capabilities.CanKillRunningWork)]
    public async Task A_task_that_is_killed_returns_its_resources()
    {
        await using var executor = Build(gpus: 1, grace: TimeSpan.Zero);
        var (stuck, started) = Hold(executor, NewGate());
        await started.PassAsync();
        stuck.Cancel();
        await Should.ThrowAsync<OperationCanceledException>(async () => await stuck);
        ResourceOf(executor).InUse.ShouldBe(0);
        (await executor.Submit(static () => 7, s_one)).ShouldBe(7);
    }

    [Promise(Has | Beside | Capabilities.GivesUpStuckWork)]
    public async Task Abandoned_work_keeps_its_resources_until_it_returns()
    {
        var time = new ManualTimeProvider();
        await using var executor = Build(gpus: 1, workers: 2, time: time, grace: Limit);
        var release = NewGate();
        var (stuck, started) = Hold(executor, release, s_one with { Timeout = Limit });
        await started.PassAsync();
        var next = executor.Submit(static () => 7, s_one);
        time.Advance(Limit); // the timeout
        await time.WhenArmedAsync(Limit);
        time.Advance(Limit); // the grace period
        await Should.ThrowAsync<TaskTimeoutException>(async () => await stuck);
        (ResourceOf(executor).InUse, next.State).ShouldBe((1.0, FutureState.Queued));
        release.Open();
        (await next).ShouldBe(7);
    }

    [Promise(Has | Beside)]
    public async Task Tasks_that_wait_for_resources_are_cancelled_with_the_queue()
    {
        var executor = Build(gpus: 1);
        var release = NewGate();
        var (holder, started) = Hold(executor, release);
        await started.PassAsync();
        var waiting = executor.Submit(static () => { }, s_one);
        var end = executor.ShutdownAsync(ShutdownMode.CancelQueued);
        await Should.ThrowAsync<OperationCanceledException>(async () => await waiting);
        release.Open();
        await end;
        await holder;
    }

    [Promise(Has | Beside)]
    public async Task Tasks_that_wait_for_resources_are_drained()
    {
        var executor = Build(gpus: 1);
        var release = NewGate();
        var (_, started) = Hold(executor, release);
        await started.PassAsync();
        var waiting = Enumerable.Range(0, 5).Select(_ => executor.Submit(static () => { }, s_one)).ToList();
        var end = executor.ShutdownAsync();
        release.Open();
        await end;
        waiting.ShouldAllBe(static task => task.State == FutureState.Succeeded);
    }

    [Promise(Has)]
    public async Task Each_batch_of_a_map_has_the_resources()
    {
        await using var executor = Build(gpus: 2, workers: 3);
        var results = await ListAsync(executor.Map(
            Enumerable.Range(0, 50), static item => item + (int)TaskContext.Current!.Resources["gpu"].Amount, new() { Requires = { ["gpu"] = 1 }, BatchSize = 3 }));
        results.ShouldBe(Enumerable.Range(1, 50));
        ResourceOf(executor).InUse.ShouldBe(0);
    }

    [Promise(Has | Beside)]
    public async Task A_task_requests_its_resources_when_its_inputs_are_there()
    {
        var executor = Build(gpus: 1);
        await using var end = TestSupport.KillAtEnd(executor);
        await using var threads = new ThreadExecutor(new() { Workers = 1 });
        var arrive = new Gate();
        var input = threads.Submit(() =>
        {
            arrive.Pass();
            return 20;
        });
        var dependent = executor.Submit(input, static input => input + (int)TaskContext.Current!.Resources["gpu"].Amount, s_one);
        var canceled = executor.Submit(input, static input => input, s_one);
        (ResourceOf(executor).InUse, ResourceOf(executor).Waiting).ShouldBe((0.0, 0L));
        var release = NewGate();
        var (holder, started) = Hold(executor, release); // submitted later, but its inputs are there
        await started.PassAsync();
        arrive.Open();
        await TestTimeout.UntilAsync(() => ResourceOf(executor).Waiting == 2);
        (dependent.State, canceled.State).ShouldBe((FutureState.Queued, FutureState.Queued));
        canceled.Cancel().ShouldBeTrue();
        ResourceOf(executor).Waiting.ShouldBe(1);
        release.Open();
        (await dependent).ShouldBe(21);
        await holder;
        ResourceOf(executor).InUse.ShouldBe(0);
    }

    [Promise(Has)]
    public async Task A_task_with_inputs_is_refused_or_ends_without_resources_as_others_are()
    {
        await using var executor = Build(gpus: 1);
        await using var threads = new ThreadExecutor(new() { Workers = 1 });
        var release = new Gate();
        var input = threads.Submit(int () =>
        {
            release.Pass();
            throw new FormatException("no driver");
        });
        Should.Throw<InsufficientResourcesException>(() => executor.Submit(input, static input => input, new() { Requires = { ["gpu"] = 2 } })).Required.ShouldBe(2);
        var failing = executor.Submit(input, static input => input, s_one);
        var next = failing.Then(static _ => { }, s_one);
        release.Open();
        await Should.ThrowAsync<InputFailedException>(async () => await next);
        (ResourceOf(executor).InUse, ResourceOf(executor).Waiting).ShouldBe((0.0, 0L));
        (await executor.Submit(static () => 20, s_one).Then(static input => input + (int)TaskContext.Current!.Resources["gpu"].Amount, s_one)).ShouldBe(21);
    }

    [Promise(Has | Beside | Several)]
    public async Task Tasks_know_which_units_they_have()
    {
        await using var executor = Build(gpus: 3, workers: 2);
        Gate release = NewGate(), started = NewGate(), secondStarted = NewGate();
        var pair = executor.Submit(
            () =>
            {
                started.Open();
                release.Pass();
                return (TaskContext.Current!.Resources["gpu"].Indexes.ToArray(), TaskContext.Current.Resources["memory"].Indexes.Count, TaskContext.Current.Resources.Count);
            },
            new() { Requires = { ["gpu"] = 2, ["memory"] = 5 } });
        var single = executor.Submit(
            () =>
            {
                secondStarted.Open();
                release.Pass();
                return TaskContext.Current!.Resources["gpu"].Indexes.ToArray();
            },
            s_one);
        await started.PassAsync();
        await secondStarted.PassAsync();
        release.Open();
        var (indexes, units, count) = await pair;
        (units, count).ShouldBe((0, 2));
        indexes.Concat(await single).Order().ShouldBe([0, 1, 2]);
        (await executor.Submit(static () => TaskContext.Current!.Resources.Count)).ShouldBe(0);
    }

    private (Future Task, Gate Started) Hold(Executor executor, Gate release, TaskOptions? options = null)
    {
        var started = NewGate();
        var task = executor.Submit(
            () =>
            {
                started.Open();
                release.Pass();
            },
            options ?? s_one);
        return (task, started);
    }

    private Executor Build(int gpus, int workers = 1, TimeProvider? time = null, string? name = null, TimeSpan? grace = null) => Build(new ContractOptions
    {
        Workers = workers,
        Name = name,
        Time = time ?? TimeProvider.System,
        Grace = grace ?? TimeSpan.FromSeconds(1),
        Resources = new() { ["gpu"] = gpus, ["memory"] = 64L << 30 },
    });

    private static ResourceStatistics ResourceOf(Executor executor) => executor.GetStatistics().Resources[0];
}
