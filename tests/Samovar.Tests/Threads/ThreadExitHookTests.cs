namespace Samovar.Tests.Threads;

/// <summary>Exit hooks of threads, and their results.</summary>
public sealed class ThreadExitHookTests
{
    [ThreadFact]
    public async Task The_hook_reads_the_state_of_its_worker_which_is_disposed_after_it()
    {
        List<string> order = [];
        var state = new WorkerState<Noting>(() => new Noting(order));
        var executor = new ThreadExecutor(new() { Workers = 1, Name = "kitchen", ExitHook = () => state.Value.Note("hook") });
        await executor.Submit(() => state.Value.Note("task"));
        var result = (await executor.CollectExitResultsAsync<int>()).ShouldHaveSingleItem();
        (result.Value, result.Worker.Name, result.IsSuccess, result.IsLost).ShouldBe((2, "kitchen #1", true, false));
        result.ToString().ShouldBe("kitchen #1: 2");
        order.ShouldBe(["task", "hook", "disposed"]);
        (await executor.CollectExitResultsAsync<int>()).ShouldBeEmpty(); // each result is collected once
    }

    [ThreadFact]
    public async Task Results_have_the_order_of_the_workers()
    {
        var executor = new ThreadExecutor(new() { Workers = 3, ExitHook = static () => Thread.CurrentThread.Name });
        using var together = new Barrier(3);
        await Futures.WhenAll([.. Enumerable.Range(0, 3).Select(_ => executor.Submit(() => together.SignalAndWait(TestTimeout.Wait)))]);
        var results = await executor.CollectExitResultsAsync<string>();
        results.Select(static result => result.Worker.Id).ShouldBe([1, 2, 3]);
        results.ShouldAllBe(static result => result.Value == result.Worker.Name);
    }

    [ThreadFact]
    public async Task A_thread_that_was_idle_for_long_has_left_its_result()
    {
        var time = new ManualTimeProvider();
        var hooked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var options = new ThreadExecutorOptions { Workers = 1, TimeProvider = time, IdleTimeout = TimeSpan.FromSeconds(5), ExitHook = static () => "idle" };
        await using var executor = new ThreadExecutor(options);
        await executor.Submit(static () => { });
        executor.TakeExitResults<string>().ShouldBeEmpty();
        await time.WhenArmedAsync(TimeSpan.FromSeconds(5));
        time.Advance(TimeSpan.FromSeconds(5));
        await TestTimeout.UntilAsync(() => executor.GetStatistics().LiveWorkers == 0);
        executor.TakeExitResults<string>().ShouldHaveSingleItem().Value.ShouldBe("idle");
        executor.TakeExitResults<string>().ShouldBeEmpty();
    }

    [ThreadFact]
    public async Task A_hook_that_throws_is_reported_and_its_error_is_in_the_entry()
    {
        var executor = new ThreadExecutor(new() { Workers = 1, ExitHook = static () => throw new FormatException("no leaves") });
        List<UnobservedFailure> reported = [];
        executor.UnobservedFailure += reported.Add;
        await executor.Submit(static () => { });
        var result = (await executor.CollectExitResultsAsync<int>()).ShouldHaveSingleItem();
        (result.IsSuccess, result.IsLost).ShouldBe((false, false));
        Should.Throw<FormatException>(() => result.Value).Message.ShouldBe("no leaves");
        var failure = reported.ShouldHaveSingleItem();
        (failure.Source, failure.Exception).ShouldBe((FailureSource.WorkerExit, result.Error));
    }

    [ThreadFact]
    public async Task A_hook_that_does_not_return_holds_the_shutdown_for_its_limit()
    {
        var time = new ManualTimeProvider();
        using var release = new ManualResetEventSlim();
        var options = new ThreadExecutorOptions
        {
            Workers = 1,
            Name = "slow",
            TimeProvider = time,
            ExitTimeout = TimeSpan.FromSeconds(3),
            ExitHook = () => release.Wait(TestTimeout.Wait),
        };
        var executor = new ThreadExecutor(options);
        List<UnobservedFailure> reported = [];
        executor.UnobservedFailure += reported.Add;
        await executor.Submit(static () => { });
        var collecting = executor.CollectExitResultsAsync<bool>();
        await time.WhenArmedAsync(TimeSpan.FromSeconds(3));
        collecting.IsCompleted.ShouldBeFalse();
        time.Advance(TimeSpan.FromSeconds(3));
        var result = (await collecting).ShouldHaveSingleItem();
        result.IsLost.ShouldBeTrue();
        result.Error!.Message.ShouldContain("'slow #1' had not returned after 3 s");
        reported.ShouldHaveSingleItem().Exception.ShouldBe(result.Error);
        release.Set();
    }

    [ThreadFact]
    public async Task A_worker_has_one_entry_also_after_it_was_taken()
    {
        await using var executor = new ThreadExecutor(new() { Workers = 1, ExitHook = static () => 1 });
        var results = executor.Core.ExitResults!;
        WorkerIdentity one = new(1, "one"), other = new(2, "other");
        results.AddLost(one, "its work was abandoned.", cause: null);
        results.Keep(one, 1, null).ShouldBeFalse();
        results.Take<int>().ShouldHaveSingleItem().IsLost.ShouldBeTrue();
        results.Close([one, other]);
        results.Take<int>().ShouldHaveSingleItem().Worker.ShouldBe(other);
    }

    [ThreadFact]
    public async Task A_worker_with_abandoned_work_has_no_result()
    {
        using var release = new ManualResetEventSlim();
        var executor = new ThreadExecutor(new() { Workers = 1, CancellationGrace = TimeSpan.Zero, ExitHook = static () => 1 });
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var stuck = executor.Submit(() =>
        {
            started.SetResult();
            release.Wait(TestTimeout.Wait);
        });
        await started.Task;
        await executor.ShutdownAsync(ShutdownMode.Kill);
        stuck.State.ShouldBe(FutureState.Canceled);
        var result = executor.TakeExitResults<int>().ShouldHaveSingleItem();
        result.Error.ShouldBeOfType<ExitResultLostException>().Message.ShouldContain("abandoned work");
        release.Set();
    }

    [ThreadFact]
    public async Task A_worker_whose_initializer_throws_does_not_run_the_hook()
    {
        var executor = new ThreadExecutor(new() { Workers = 1, Initializer = static () => throw new FormatException("cold"), ExitHook = static () => 1 });
        await Should.ThrowAsync<WorkerInitializationException>(async () => await executor.Submit(static () => { }));
        (await executor.CollectExitResultsAsync<int>()).ShouldBeEmpty();
    }

    [ThreadFact]
    public async Task A_wrong_type_is_named_and_loses_no_result()
    {
        var executor = new ThreadExecutor(new() { Workers = 1, Name = "typed", ExitHook = static () => "tea" });
        await executor.Submit(static () => { });
        (await Should.ThrowAsync<InvalidCastException>(executor.CollectExitResultsAsync<int>())).Message.ShouldContain("'typed #1' returned a System.String");
        executor.TakeExitResults<object>().ShouldHaveSingleItem().Value.ShouldBe("tea");
    }

    [ThreadFact]
    public async Task A_hook_that_returns_a_task_is_refused()
    {
        var executor = new ThreadExecutor(new() { Workers = 1, ExitHook = static () => Task.FromResult(1) });
        executor.UnobservedFailure += static _ => { };
        await executor.Submit(static () => { });
        (await executor.CollectExitResultsAsync<object>()).ShouldHaveSingleItem().Error!.Message.ShouldContain("which is not awaited");
    }

    [ThreadFact]
    public async Task Executors_without_a_hook_say_so()
    {
        await using var threads = new ThreadExecutor(new() { Name = "plain" });
        Should.Throw<InvalidOperationException>(() => threads.TakeExitResults<int>()).Message.ShouldContain("'plain' has no exit hook");
        await using var inline = new InlineExecutor();
        Should.Throw<NotSupportedException>(() => { _ = inline.CollectExitResultsAsync<int>(); }).Message.ShouldContain("InlineExecutor, which has no exit hooks");
        Should.Throw<ArgumentOutOfRangeException>(static () => new ThreadExecutorOptions { ExitTimeout = TimeSpan.Zero });
    }

    [ThreadFact]
    public async Task An_actor_does_not_run_the_hook_of_its_executor()
    {
        int hooks = 0;
        var executor = new ThreadExecutor(new() { Workers = 1, ExitHook = () => Interlocked.Increment(ref hooks) });
        await using (var actor = await executor.CreateActorAsync(static () => new List<int>())) await actor.CallAsync(static list => list.Add(1));
        (await executor.CollectExitResultsAsync<int>()).ShouldBeEmpty(); // it had no task of its own, and no thread
        hooks.ShouldBe(0);
    }

    private sealed class Noting(List<string> order) : IDisposable
    {
        public int Note(string what)
        {
            order.Add(what);
            return order.Count;
        }

        public void Dispose() => order.Add("disposed");
    }
}
