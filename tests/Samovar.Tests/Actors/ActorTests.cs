using Samovar.Tests.Contract;

namespace Samovar.Tests.Actors;

public sealed class ActorTests
{
    [ThreadFact]
    public async Task An_actor_on_threads_has_a_thread_of_its_own()
    {
        await using var executor = new ThreadExecutor(new() { Workers = 1, Name = "threads", Initializer = static () => AppContext.SetData("actor thread test", "yes") });
        await using var actor = await executor.CreateActorAsync(static () => new TestModel(), new() { Name = "model" });
        var (created, first) = await actor.CallAsync(static model => (model.Thread, Environment.CurrentManagedThreadId));
        first.ShouldBe(created);
        (await actor.CallAsync(static _ => Thread.CurrentThread.Name)).ShouldBe("threads/model #1");
        (await executor.Submit(static () => Environment.CurrentManagedThreadId)).ShouldNotBe(created);
    }

    [ThreadFact]
    public async Task As_many_calls_run_at_once_as_the_concurrency_allows()
    {
        await using var threads = new ThreadExecutor();
        await using var loop = new EventLoop();
        foreach (var executor in (Executor[])[threads, loop])
        {
            await using var actor = await executor.CreateActorAsync(static () => new TestModel(), new() { Concurrency = 3 });
            var release = new Gate();
            int running = 0;
            var calls = Enumerable.Range(0, 5).Select(_ => actor.CallAsync(async _ =>
            {
                Interlocked.Increment(ref running);
                await release.PassAsync();
            })).ToList();
            await TestTimeout.UntilAsync(() => Volatile.Read(ref running) == 3);
            actor.GetStatistics().Running.ShouldBe(3);
            actor.GetStatistics().Queued.ShouldBe(2);
            release.Open();
            foreach (var call in calls) await call;
            Volatile.Read(ref running).ShouldBe(5);
        }
    }

    [ThreadFact]
    public async Task A_disposal_is_no_call_in_the_statistics_while_it_runs_and_when_it_has_failed()
    {
        await using var executor = new ThreadExecutor();
        Gate started = new(), release = new();
        var actor = await executor.CreateActorAsync(() => new SlowBadEnd(started, release));
        for (int i = 0; i < 5; i++) await actor.CallAsync(static _ => { });
        var ended = actor.DisposeAsync().AsTask();
        await started.PassAsync();
        var during = actor.GetStatistics();
        (during.Calls, during.Running, during.Succeeded).ShouldBe((5, 0, 5));
        release.Open();
        await Should.ThrowAsync<FormatException>(ended);
        var after = actor.GetStatistics();
        (after.Calls, after.Succeeded, after.Failed).ShouldBe((5, 5, 0));
    }

    [ThreadFact]
    public async Task Callers_of_an_inline_actor_wait_for_each_other()
    {
        await using var executor = new InlineExecutor();
        await using var actor = await executor.CreateActorAsync(static () => new TestModel());
        Gate started = new(), release = new();
        var first = TestSupport.OnOwnThread(() => actor.CallAsync(_ =>
        {
            started.Open();
            release.Pass();
        }));
        await started.PassAsync();
        var second = TestSupport.OnOwnThread(() => actor.CallAsync(static model => model.Add(1)));
        second.IsCompleted.ShouldBeFalse();
        release.Open();
        await first;
        await second;
        (await actor.CallAsync(static model => model.Seen())).ShouldBe([1]);
    }

    [ThreadFact]
    public async Task A_loop_refuses_a_bounded_queue_of_an_actor()
    {
        await using var loop = new EventLoop();
        (await Should.ThrowAsync<NotSupportedException>(() => loop.CreateActorAsync(static () => new TestModel(), new() { Name = "bounded", QueueCapacity = 3 })))
            .Message.ShouldContain("'bounded' has a QueueCapacity of 3");
    }

    [ThreadFact]
    public async Task A_full_queue_rejects_calls()
    {
        await using var executor = new ThreadExecutor();
        var release = new Gate();
        await using var actor = await executor.CreateActorAsync(static () => new TestModel(), new() { QueueCapacity = 1, QueueFullMode = QueueFullMode.Reject });
        var started = new Gate();
        var running = actor.CallAsync(_ =>
        {
            started.Open();
            release.Pass();
        });
        await started.PassAsync();
        var queued = actor.CallAsync(static model => model.Add(1));
        Should.Throw<QueueFullException>(() => actor.CallAsync(static model => model.Add(2)));
        release.Open();
        (await queued).ShouldBe(1);
        await running;
    }

    [ThreadFact]
    public void Calls_on_a_virtual_time_loop_take_its_time()
    {
        var took = EventLoop.Run(
            static async () =>
            {
                var loop = EventLoop.Current!;
                var began = loop.Time.GetTimestamp();
                await using var actor = await loop.CreateActorAsync(static () => new TestModel());
                var calls = Enumerable.Range(0, 3).Select(_ => actor.CallAsync(async static model =>
                {
                    await EventLoop.SleepAsync(TimeSpan.FromHours(1));
                    return model.Add(1);
                })).ToList();
                foreach (var call in calls) await call;
                return loop.Time.GetElapsedTime(began);
            },
            new() { VirtualTime = true });
        took.ShouldBe(TimeSpan.FromHours(3));
    }

    [ThreadFact]
    public void Calls_that_are_left_when_the_main_work_of_a_loop_completes_are_cancelled()
    {
        Future? running = null, queued = null;
        Actor<TestModel>? actor = null;
        EventLoop.Run(async () =>
        {
            actor = await EventLoop.Current!.CreateActorAsync(static () => new TestModel());
            running = actor.CallAsync(static async (_, token) => await Task.Delay(Timeout.InfiniteTimeSpan, token));
            queued = actor.CallAsync(static model => model.Add(1));
            await Task.Yield();
        });
        running!.State.ShouldBe(FutureState.Canceled);
        queued!.State.ShouldBe(FutureState.Canceled);
        Should.Throw<ObjectDisposedException>(() => actor!.CallAsync(static model => model.Add(1)));
    }

    [ThreadFact]
    public async Task An_actor_with_concurrency_disposes_its_object_after_all_running_and_queued_calls()
    {
        await using var threads = new ThreadExecutor();
        await using var loop = new EventLoop();
        foreach (var executor in (Executor[])[threads, loop])
        {
            Gate started = new(), release = new(), disposed = new();
            var actor = await executor.CreateActorAsync(() => new TestModel(disposed), new() { Concurrency = 3 });
            bool wasDisposed = false;
            var calls = Enumerable.Range(0, 5).Select(i => actor.CallAsync(async _ =>
            {
                if (i == 1) started.Open();
                if (i < 2) await release.PassAsync();
                if (disposed.IsOpen) Volatile.Write(ref wasDisposed, true);
            })).ToList();
            await started.PassAsync();
            var ended = actor.DisposeAsync().AsTask();
            await Futures.WaitAsync(calls[2..]); // on the place that is left, where the disposal could run next
            disposed.IsOpen.ShouldBeFalse();
            release.Open();
            await ended.WaitAsync(TestTimeout.Wait);
            calls.ShouldAllBe(static call => call.State == FutureState.Succeeded);
            disposed.IsOpen.ShouldBeTrue();
            Volatile.Read(ref wasDisposed).ShouldBeFalse();
        }
    }

    [ThreadFact]
    public async Task An_inline_actor_is_disposed_after_the_call_of_another_thread()
    {
        await using var executor = new InlineExecutor();
        Gate started = new(), release = new(), disposed = new();
        var actor = await executor.CreateActorAsync(() => new TestModel(disposed));
        var call = TestSupport.OnOwnThread(() => actor.CallAsync(_ =>
        {
            started.Open();
            release.Pass();
            disposed.IsOpen.ShouldBeFalse();
        }).Wait());
        await started.PassAsync();
        var ended = actor.DisposeAsync().AsTask();
        (ended.IsCompleted, disposed.IsOpen).ShouldBe((false, false));
        release.Open();
        await ended.WaitAsync(TestTimeout.Wait);
        await call;
        disposed.IsOpen.ShouldBeTrue();
    }

    [ThreadFact]
    public async Task A_cancelled_creation_disposes_the_object_that_its_factory_returns_later()
    {
        await using var executor = new ThreadExecutor(new() { CancellationGrace = TimeSpan.Zero });
        Gate started = new(), release = new(), disposed = new();
        using var source = new CancellationTokenSource();
        var creation = executor.CreateActorAsync(
            () =>
            {
                started.Open();
                release.Pass();
                return new TestModel(disposed);
            },
            cancellationToken: source.Token);
        await started.PassAsync();
        await source.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(creation);
        executor.Core.MemberCount.ShouldBe(0);
        release.Open();
        await disposed.PassAsync();
    }

    [ThreadFact]
    public async Task A_call_cannot_wait_for_its_own_actor_or_the_executor()
    {
        await using var executor = new ThreadExecutor(new() { Name = "owner" });
        await using var actor = await executor.CreateActorAsync(static () => new TestModel(), new() { Name = "self" });
        var drain = actor.CallAsync(async _ => await actor.DrainAsync());
        (await Should.ThrowAsync<InvalidOperationException>(async () => await drain)).Message.ShouldContain("'self' of 'owner' was drained by one of its own calls");
        foreach (var wait in (Func<Task>[])[() => executor.DrainAsync(), () => executor.ShutdownAsync()])
        {
            var call = actor.CallAsync(async _ => await wait());
            (await Should.ThrowAsync<InvalidOperationException>(async () => await call)).Message.ShouldContain("of its actor 'owner/self'");
        }
    }

    [ThreadFact]
    public async Task A_dropped_actor_disposes_its_object_after_its_calls()
    {
        await using var executor = new ThreadExecutor();
        var disposed = new Gate();
        var call = await CreateAndDropAsync(executor, disposed);
        await TestTimeout.UntilAsync(() =>
        {
            GC.Collect();
            return disposed.IsOpen;
        });
        call.State.ShouldBe(FutureState.Succeeded);
    }

    [ThreadFact]
    public async Task The_error_of_a_disposal_at_the_shutdown_of_the_executor_is_reported()
    {
        var executor = new ThreadExecutor(new() { Name = "reporting" });
        var reported = new TaskCompletionSource<UnobservedFailure>();
        executor.UnobservedFailure += reported.SetResult;
        var actor = await executor.CreateActorAsync(static () => new BadEnd(), new() { Name = "bad" });
        await executor.ShutdownAsync();
        var failure = await reported.Task.WaitAsync(TestTimeout.Wait);
        (failure.Source, failure.TaskName).ShouldBe((FailureSource.WorkerExit, "bad"));
        failure.Exception.Message.ShouldBe("a bad end");
        await actor.DisposeAsync();
    }

    [ThreadFact]
    public void Restart_policies_state_their_limits()
    {
        ActorRestart.Never.ToString().ShouldBe("Never");
        ActorRestart.FromFactory(2).ToString().ShouldBe("FromFactory(2)");
        ActorRestart.FromFactory(2, TimeSpan.FromMinutes(1)).ToString().ShouldBe("FromFactory(2, 60 s)");
        Should.Throw<ArgumentOutOfRangeException>(() => ActorRestart.FromFactory(0)).ParamName.ShouldBe("maxRestarts");
        Should.Throw<ArgumentOutOfRangeException>(() => ActorRestart.FromFactory(1, TimeSpan.Zero)).ParamName.ShouldBe("window");
        Should.Throw<ArgumentOutOfRangeException>(() => new ActorOptions { Concurrency = 0 }).ParamName.ShouldBe("Concurrency");
        Should.Throw<ArgumentOutOfRangeException>(() => new ActorOptions { QueueCapacity = 0 }).ParamName.ShouldBe("QueueCapacity");
        Should.Throw<ArgumentException>(() => new ActorOptions { Name = " " }).ParamName.ShouldBe("Name");
    }

    private static async Task<Future> CreateAndDropAsync(ThreadExecutor executor, Gate disposed)
    {
        var actor = await executor.CreateActorAsync(() => new TestModel(disposed));
        return actor.CallAsync(static model => model.Add(1));
    }

    private sealed class BadEnd : IDisposable
    {
        public void Dispose() => throw new FormatException("a bad end");
    }

    private sealed class SlowBadEnd(Gate started, Gate release) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            started.Open();
            await release.PassAsync();
            throw new FormatException("a bad end");
        }
    }
}
