namespace Samovar.Tests.Contract;

/// <summary>What runs after a task: callbacks, and code that awaited it.</summary>
public abstract class ContinuationsContract : NestedWaitsContract
{
    [Promise]
    public async Task A_callback_runs_once_after_success_after_failure_and_after_cancel()
    {
        await using var executor = Build();
        var good = executor.Submit(static () => 1);
        var bad = executor.Submit(static () => throw new FormatException());
        var canceled = executor.Submit(static () => { }, new() { CancellationToken = new(canceled: true) });
        foreach (var (future, state) in ((Future, FutureState)[])[
            (good, FutureState.Succeeded), (bad, FutureState.Failed), (canceled, FutureState.Canceled)])
        {
            int calls = 0;
            var called = new TaskCompletionSource<Future>(TaskCreationOptions.RunContinuationsAsynchronously);
            var last = new TaskCompletionSource();
            future.OnCompleted(f =>
            {
                Interlocked.Increment(ref calls);
                called.TrySetResult(f);
            });
            (await called.Task.WaitAsync(TestTimeout.Wait)).ShouldBeSameAs(future);
            future.OnCompleted(_ => last.SetResult());
            await last.Task.WaitAsync(TestTimeout.Wait);
            future.State.ShouldBe(state);
            Volatile.Read(ref calls).ShouldBe(1);
        }

        bad.Exception.ShouldNotBeNull();
    }

    [Promise]
    public async Task A_typed_callback_gets_the_typed_future()
    {
        await using var executor = Build();
        var called = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        executor.Submit(static () => 5).OnCompleted((Future<int> future) => called.SetResult(future.Result));
        (await called.Task.WaitAsync(TestTimeout.Wait)).ShouldBe(5);
    }

    [Promise(Beside)]
    public async Task Continuations_run_in_the_context_they_came_from_in_the_order_they_were_added()
    {
        await using var executor = Build();
        var release = NewGate();
        var future = await OccupyAsync(executor, release);
        var context = new RecordingContext();
        var order = new List<int>();
        var awaits = context.Enter(() => Enumerable.Range(0, 5).Select(AwaitAsync).ToList());
        release.Open();
        await context.WhenPostedAsync(5);
        order.ShouldBeEmpty("nothing of ours runs user code before the context does");
        context.RunPosted();
        await Task.WhenAll(awaits);
        order.ShouldBe([0, 1, 2, 3, 4]);

        async Task AwaitAsync(int i)
        {
            await future;
            order.Add(i);
        }
    }

    [Promise(Beside)]
    public async Task ConfigureAwait_false_leaves_the_context()
    {
        await using var executor = Build();
        var release = NewGate();
        await OccupyAsync(executor, release);
        var typed = executor.Submit(static () => 3);
        var plain = executor.Submit(static () => { });
        var context = new RecordingContext();
        var awaiting = context.Enter(async () =>
        {
            int result = await typed.ConfigureAwait(false);
            await plain.ConfigureAwait(false);
            return result;
        });
        release.Open();
        (await awaiting.WaitAsync(TestTimeout.Wait)).ShouldBe(3);
        context.Posts.ShouldBe(0);
    }

    [Promise(Beside | Shared)]
    public async Task Continuations_and_callbacks_never_run_on_a_worker()
    {
        await using var executor = Build();
        var release = NewGate();
        await OccupyAsync(executor, release);
        var future = executor.Submit(static () => Environment.CurrentManagedThreadId);
        var fromCallback = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        future.OnCompleted((Future _) => fromCallback.SetResult(Thread.CurrentThread.IsThreadPoolThread));
        var fromAwait = AwaitAsync();
        release.Open();
        (await fromCallback.Task.WaitAsync(TestTimeout.Wait)).ShouldBeTrue();
        (await fromAwait.WaitAsync(TestTimeout.Wait)).ShouldBeTrue();

        async Task<bool> AwaitAsync()
        {
            await future.ConfigureAwait(false);
            return Thread.CurrentThread.IsThreadPoolThread;
        }
    }

    [Promise(Beside)]
    public async Task Continuations_that_throw_or_block_delay_no_other()
    {
        await using var executor = Build();
        Gate release = NewGate(), unblock = new();
        var future = await OccupyAsync(executor, release);
        var reported = new TaskCompletionSource<UnobservedFailure>(TaskCreationOptions.RunContinuationsAsynchronously);
        executor.UnobservedFailure += failure => reported.TrySetResult(failure);
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var blockedAwait = AwaitAndBlockAsync();
        future.OnCompleted((Future _) => unblock.Pass());
        future.OnCompleted(static (Future _) => throw new FormatException("from the callback"));
        future.OnCompleted((Future _) => reached.SetResult());
        release.Open();
        await reached.Task.WaitAsync(TestTimeout.Wait);
        (await executor.Submit(static () => "the worker continues")).ShouldBe("the worker continues");
        var failure = await reported.Task.WaitAsync(TestTimeout.Wait);
        failure.Source.ShouldBe(FailureSource.CompletionCallback);
        failure.TaskId.ShouldBe(future.Id);
        unblock.Open();
        await blockedAwait;

        async Task AwaitAndBlockAsync()
        {
            await future.ConfigureAwait(false);
            unblock.Pass();
        }
    }

    [Promise(Shared)]
    public async Task A_callback_runs_in_the_execution_context_it_was_added_in()
    {
        await using var executor = Build();
        var ambient = new AsyncLocal<string?> { Value = "of the submitter" };
        var future = executor.Submit(static async () => await Task.Yield());
        ambient.Value = "of the caller that adds";
        var seen = new TaskCompletionSource<(string?, TaskContext?)>(TaskCreationOptions.RunContinuationsAsynchronously);
        future.OnCompleted((Future _) => seen.SetResult((ambient.Value, TaskContext.Current)));
        (await seen.Task.WaitAsync(TestTimeout.Wait)).ShouldBe(("of the caller that adds", null));
    }

    [Promise(Beside | Shared)]
    public async Task A_callback_added_to_running_work_runs_in_the_execution_context_it_was_added_in()
    {
        await using var executor = Build();
        Gate started = NewGate(), release = NewGate();
        var ambient = new AsyncLocal<string?> { Value = "of the submitter" };
        var future = executor.Submit(async () =>
        {
            started.Open();
            await release.PassAsync();
        });
        await started.PassAsync();
        ambient.Value = "of the caller that adds";
        var seen = new TaskCompletionSource<(string?, TaskContext?)>(TaskCreationOptions.RunContinuationsAsynchronously);
        future.OnCompleted((Future _) => seen.SetResult((ambient.Value, TaskContext.Current)));
        release.Open();
        (await seen.Task.WaitAsync(TestTimeout.Wait)).ShouldBe(("of the caller that adds", null));
    }

    [Promise]
    public async Task A_null_callback_is_refused()
    {
        await using var executor = Build();
        var future = executor.Submit(static () => 1);
        Should.Throw<ArgumentNullException>(() => future.OnCompleted((Action<Future>)null!)).ParamName.ShouldBe("callback");
        Should.Throw<ArgumentNullException>(() => future.OnCompleted((Action<Future<int>>)null!)).ParamName.ShouldBe("callback");
    }

    [Promise]
    public async Task A_future_can_be_used_as_a_Task()
    {
        await using var executor = Build();
        Task<int> good = executor.Submit(static () => 3);
        Task bad = executor.Submit(static () => throw new FormatException("x")).AsTask();
        Task canceled = executor.Submit(static () => { }, new() { CancellationToken = new(canceled: true) }).AsTask();
        (await good).ShouldBe(3);
        (await Should.ThrowAsync<FormatException>(bad)).Message.ShouldBe("x");
        await Should.ThrowAsync<OperationCanceledException>(canceled);
        canceled.IsCanceled.ShouldBeTrue();
        bad.IsFaulted.ShouldBeTrue();
    }
}
