namespace Samovar.Tests.Contract;

/// <summary>Actors: objects that live on one worker and are used by calls.</summary>
public abstract class ActorsContract : WorkerStateContract
{
    private const Capabilities Hosts = Capabilities.HostsActors;

    [Promise(Hosts)]
    public async Task Calls_of_every_kind_use_the_same_object()
    {
        await using var executor = Build();
        await using var actor = await executor.CreateActorAsync(static () => new TestModel());
        await actor.CallAsync(static model => { model.Add(1); });
        (await actor.CallAsync(static model => model.Add(2))).ShouldBe(2);
        await actor.CallAsync(static (model, token) => { model.Add(token.CanBeCanceled ? 3 : 0); });
        (await actor.CallAsync(static (model, token) => model.Add(4))).ShouldBe(4);
        await actor.CallAsync(static async model => { await model.AddSlowlyAsync(5); });
        (await actor.CallAsync(static model => model.AddSlowlyAsync(6))).ShouldBe(6);
        await actor.CallAsync(static async (model, token) => { await model.AddSlowlyAsync(7); });
        (await actor.CallAsync(static (model, token) => model.AddSlowlyAsync(8))).ShouldBe(8);
        (await actor.CallAsync(static model => model.Seen())).ShouldBe([1, 2, 3, 4, 5, 6, 7, 8]);
    }

    [Promise(Hosts)]
    public async Task Calls_run_one_at_a_time_and_in_order()
    {
        await using var executor = Build(workers: 2);
        await using var actor = await executor.CreateActorAsync(static () => new TestModel());
        var calls = Enumerable.Range(0, 200)
            .Select(i => i % 2 == 0 ? actor.CallAsync(model => model.Add(i)) : actor.CallAsync(model => model.AddSlowlyAsync(i))).ToList();
        foreach (var call in calls) await call;
        (await actor.CallAsync(static model => model.Seen())).ShouldBe(Enumerable.Range(0, 200));
    }

    [Promise(Hosts)]
    public async Task Several_actors_have_state_of_their_own()
    {
        await using var executor = Build();
        await using var one = await executor.CreateActorAsync(static () => new TestModel());
        await using var other = await executor.CreateActorAsync(static () => new TestModel());
        await one.CallAsync(static model => model.Add(1));
        (await other.CallAsync(static model => model.Add(1))).ShouldBe(1);
        (await one.CallAsync(static model => model.Add(1))).ShouldBe(2);
        one.Name.ShouldNotBe(other.Name);
    }

    [Promise(Hosts)]
    public async Task The_error_of_a_call_is_that_of_its_future_and_the_actor_continues()
    {
        await using var executor = Build();
        await using var actor = await executor.CreateActorAsync(static () => new TestModel());
        var failing = actor.CallAsync(static model => throw new FormatException($"after {model.Add(1)}"), new() { Name = "failing" });
        failing.Name.ShouldBe("failing");
        (await Should.ThrowAsync<FormatException>(async () => await failing)).Message.ShouldBe("after 1");
        (await actor.CallAsync(static model => model.Add(2))).ShouldBe(2);
        var statistics = actor.GetStatistics();
        (statistics.Calls, statistics.Succeeded, statistics.Failed, statistics.IsLost).ShouldBe((2, 1, 1, false));
    }

    [Promise(Hosts)]
    public async Task A_factory_that_throws_fails_the_creation_with_its_own_error_and_leaves_nothing_behind()
    {
        await using var executor = Build();
        var error = await Should.ThrowAsync<FormatException>(executor.CreateActorAsync<TestModel>(static () => throw new FormatException("no model")));
        error.Message.ShouldBe("no model");
        (await Should.ThrowAsync<InvalidOperationException>(executor.CreateActorAsync<TestModel>(static () => null!, new() { Name = "nothing" }))).Message.ShouldContain("'nothing' returned null");
        executor.Core.MemberCount.ShouldBe(0);
        (await executor.Submit(static () => 1)).ShouldBe(1);
    }

    [Promise(Hosts)]
    public async Task A_call_after_the_disposal_is_refused_with_the_name_of_the_actor()
    {
        await using var executor = Build(name: "owner");
        var actor = await executor.CreateActorAsync(static () => new TestModel(), new() { Name = "gone" });
        await actor.DisposeAsync();
        await actor.DisposeAsync();
        var error = Should.Throw<ObjectDisposedException>(() => actor.CallAsync(static model => model.Add(1)));
        error.Message.ShouldContain("'gone'");
        error.Message.ShouldContain("'owner'");
        executor.Core.MemberCount.ShouldBe(0);
    }

    [Promise(Hosts | Beside)]
    public async Task Disposal_waits_for_accepted_calls_and_then_disposes_the_object_on_its_worker()
    {
        await using var executor = Build();
        Gate release = NewGate(), disposed = NewGate();
        var actor = await executor.CreateActorAsync(() => new TestModel(disposed));
        var running = actor.CallAsync(_ => release.Pass());
        var queued = actor.CallAsync(static model => model.Add(1));
        var ended = actor.DisposeAsync().AsTask();
        disposed.IsOpen.ShouldBeFalse();
        release.Open();
        await ended.WaitAsync(TestTimeout.Wait);
        disposed.IsOpen.ShouldBeTrue();
        (await queued).ShouldBe(1);
        await running;
    }

    [Promise(Hosts)]
    public async Task Shutdown_of_the_executor_ends_its_actors()
    {
        var executor = Build(name: "short-lived");
        var disposed = NewGate();
        var actor = await executor.CreateActorAsync(() => new TestModel(disposed));
        (await actor.CallAsync(static model => model.Add(1))).ShouldBe(1);
        await executor.ShutdownAsync().WaitAsync(TestTimeout.Wait);
        disposed.IsOpen.ShouldBeTrue();
        Should.Throw<ObjectDisposedException>(() => actor.CallAsync(static model => model.Add(1)));
        (await Should.ThrowAsync<ObjectDisposedException>(() => executor.CreateActorAsync(static () => new TestModel()))).Message.ShouldContain("'short-lived'");
        await actor.DisposeAsync();
    }

    [Promise(Hosts | Beside)]
    public async Task Shutdown_cancels_queued_calls_and_kills_running_ones_as_it_does_with_tasks()
    {
        foreach (var mode in (ShutdownMode[])[ShutdownMode.CancelQueued, ShutdownMode.Kill])
        {
            var executor = Build(grace: TestTimeout.Wait);
            Gate started = NewGate(), release = NewGate(), disposed = NewGate();
            var actor = await executor.CreateActorAsync(() => new TestModel(disposed));
            var running = actor.CallAsync((_, token) =>
            {
                started.Open();
                release.Pass(token);
            });
            var queued = actor.CallAsync(static model => model.Add(1));
            await started.PassAsync();
            var shutdown = executor.ShutdownAsync(mode);
            if (mode == ShutdownMode.CancelQueued) release.Open();
            await shutdown.WaitAsync(TestTimeout.Wait);
            queued.State.ShouldBe(FutureState.Canceled);
            running.State.ShouldBe(mode == ShutdownMode.Kill ? FutureState.Canceled : FutureState.Succeeded);
            if (mode == ShutdownMode.CancelQueued) disposed.IsOpen.ShouldBeTrue();
        }
    }

    [Promise(Hosts | Beside)]
    public async Task DrainAsync_waits_for_calls_and_not_for_the_end_of_the_actor()
    {
        await using var executor = Build();
        var release = NewGate();
        await using var actor = await executor.CreateActorAsync(static () => new TestModel());
        var call = actor.CallAsync(_ => release.Pass());
        var drain = executor.DrainAsync();
        drain.IsCompleted.ShouldBeFalse();
        release.Open();
        await drain.WaitAsync(TestTimeout.Wait);
        call.State.ShouldBe(FutureState.Succeeded);
        (await actor.CallAsync(static model => model.Add(1))).ShouldBe(1);
    }

    [Promise(Hosts | Beside)]
    public async Task Cancelling_a_queued_call_never_starts_it()
    {
        await using var executor = Build();
        var release = NewGate();
        await using var actor = await executor.CreateActorAsync(static () => new TestModel());
        var running = actor.CallAsync(_ => release.Pass());
        using var source = new CancellationTokenSource();
        var canceled = actor.CallAsync(static model => model.Add(1), new() { CancellationToken = source.Token });
        var next = actor.CallAsync(static model => model.Add(2));
        await source.CancelAsync();
        canceled.State.ShouldBe(FutureState.Canceled);
        release.Open();
        (await next).ShouldBe(1);
        await running;
    }

    [Promise(Hosts)]
    public async Task Options_that_would_change_the_order_are_refused()
    {
        await using var executor = Build();
        await using var actor = await executor.CreateActorAsync(static () => new TestModel());
        Should.Throw<ArgumentException>(() => actor.CallAsync(static model => model.Add(1), new() { Retry = new() })).Message.ShouldContain("retry policy");
        Should.Throw<ArgumentException>(() => actor.CallAsync(static model => model.Add(1), new() { Priority = TaskPriority.High })).Message.ShouldContain("priority");
        Should.Throw<ArgumentNullException>(() => actor.CallAsync((Action<TestModel>)null!)).ParamName.ShouldBe("call");
        (await actor.CallAsync(static model => model.Add(1))).ShouldBe(1);
    }

    [Promise(Hosts | Shared)]
    public async Task An_actor_cannot_call_or_dispose_itself()
    {
        await using var executor = Build();
        await using var actor = await executor.CreateActorAsync(static () => new TestModel(), new() { Name = "self" });
        var call = actor.CallAsync(_ => actor.CallAsync(static model => model.Add(1)).Wait());
        (await Should.ThrowAsync<InvalidOperationException>(async () => await call)).Message.ShouldContain("'self'");
        var disposal = actor.CallAsync(async _ => await actor.DisposeAsync());
        (await Should.ThrowAsync<InvalidOperationException>(async () => await disposal)).Message.ShouldContain("its own calls");
        (await actor.CallAsync(static model => model.Add(1))).ShouldBe(1);
    }

    [Promise(Hosts | Capabilities.CapturesActors)]
    public async Task A_task_of_the_executor_calls_an_actor_that_it_captured()
    {
        await using var executor = Build();
        await using var actor = await executor.CreateActorAsync(static () => new TestModel());
        (await executor.Submit(async () => await actor.CallAsync(static model => model.Add(1)))).ShouldBe(1);
        (await executor.Submit(async () => await actor.CallAsync(static model => model.AddSlowlyAsync(2)))).ShouldBe(2);
        (await executor.Submit(async () =>
        {
            var calls = Enumerable.Range(3, 50).Select(i => actor.CallAsync(model => { model.Add(i); })).ToList();
            foreach (var call in calls) await call;
            return actor.Name;
        })).ShouldBe(actor.Name);
        (await actor.CallAsync(static model => model.Seen())).ShouldBe(Enumerable.Range(1, 52));
    }

    [Promise(Hosts | Capabilities.CapturesActors)]
    public async Task The_items_of_a_map_call_an_actor()
    {
        await using var executor = Build();
        await using var actor = await executor.CreateActorAsync(static () => new TestModel());
        var counts = await ListAsync(executor.Map(Enumerable.Range(0, 200), async i => await actor.CallAsync(model => model.Add(i))));
        counts.Order().ShouldBe(Enumerable.Range(1, 200));
        (await actor.CallAsync(static model => model.Seen())).Order().ShouldBe(Enumerable.Range(0, 200));
    }

    [Promise(Hosts | Capabilities.CapturesActors)]
    public async Task The_error_of_a_call_reaches_the_task_that_made_it()
    {
        await using var executor = Build();
        await using var actor = await executor.CreateActorAsync(static () => new TestModel());
        string message = await executor.Submit(async () =>
        {
            try
            {
                await actor.CallAsync(static _ => throw new FormatException("no tea"));
                return "succeeded";
            }
            catch (FormatException error)
            {
                return error.Message;
            }
        });
        message.ShouldBe("no tea");
    }

    [Promise(Hosts | Beside)]
    public async Task A_timeout_that_a_call_obeys_does_not_lose_the_actor()
    {
        var time = new ManualTimeProvider();
        await using var executor = Build(time: time, grace: TestTimeout.Wait);
        var never = NewGate();
        await using var actor = await executor.CreateActorAsync(static () => new TestModel(), new() { CallTimeout = Limit });
        await actor.CallAsync(static model => model.Add(1));
        var slow = actor.CallAsync((_, token) => never.Pass(token));
        await time.WhenArmedAsync(Limit);
        time.Advance(Limit);
        await Should.ThrowAsync<TaskTimeoutException>(async () => await slow);
        (await actor.CallAsync(static model => model.Add(2))).ShouldBe(2);
    }

    [Promise(Hosts | Beside | Capabilities.GivesUpStuckWork)]
    public Task A_call_that_is_abandoned_loses_the_actor() => LoseByTimeoutAsync();

    [Promise(Hosts | Capabilities.CanKillRunningWork)]
    public Task A_call_that_is_killed_loses_the_actor() => LoseByTimeoutAsync();

    [Promise(Hosts | Beside | Capabilities.GivesUpStuckWork)]
    public Task A_restarted_actor_runs_the_queued_calls_on_another_object_after_an_abandoned_call() => RestartByTimeoutAsync();

    [Promise(Hosts | Capabilities.CanKillRunningWork)]
    public Task A_restarted_actor_runs_the_queued_calls_on_another_object_after_a_killed_call() => RestartByTimeoutAsync();

    private async Task LoseByTimeoutAsync()
    {
        var time = new ManualTimeProvider();
        await using var executor = Build(time: time, grace: TimeSpan.Zero);
        var release = NewGate();
        var actor = await executor.CreateActorAsync(static () => new TestModel(), new() { Name = "stuck" });
        var stuck = actor.CallAsync(_ => release.Pass(), new() { Timeout = Limit });
        var queued = actor.CallAsync(static model => model.Add(1));
        await time.WhenArmedAsync(Limit);
        time.Advance(Limit);
        await Should.ThrowAsync<TaskTimeoutException>(async () => await stuck);
        var lost = await Should.ThrowAsync<ActorLostException>(async () => await queued);
        (lost.Actor, lost.Executor, lost.IsRestarted).ShouldBe(("stuck", executor.Name, false));
        lost.Message.ShouldContain("Never");
        Should.Throw<ActorLostException>(() => actor.CallAsync(static model => model.Add(1)));
        actor.GetStatistics().IsLost.ShouldBeTrue();
        release.Open();
        await actor.DisposeAsync();
    }

    private async Task RestartByTimeoutAsync()
    {
        var time = new ManualTimeProvider();
        await using var executor = Build(time: time, grace: TimeSpan.Zero);
        var release = NewGate();
        var actor = await executor.CreateActorAsync(static () => new TestModel(), new() { Restart = ActorRestart.FromFactory(maxRestarts: 1) });
        (await actor.CallAsync(static model => model.Add(1))).ShouldBe(1);
        for (int round = 0; round < 2; round++)
        {
            var stuck = actor.CallAsync(_ => release.Pass(), new() { Timeout = Limit });
            var queued = actor.CallAsync(static model => model.Add(1));
            await time.WhenArmedAsync(Limit);
            time.Advance(Limit);
            await Should.ThrowAsync<TaskTimeoutException>(async () => await stuck);
            if (round == 0) (await queued).ShouldBe(1);
            else (await Should.ThrowAsync<ActorLostException>(async () => await queued)).Message.ShouldContain("restarted 1 time,");
        }

        var statistics = actor.GetStatistics();
        (statistics.Restarts, statistics.IsLost).ShouldBe((1, true));
        release.Open();
        await actor.DisposeAsync();
    }
}
