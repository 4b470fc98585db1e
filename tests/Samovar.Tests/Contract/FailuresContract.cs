using System.Collections;
using System.Runtime.CompilerServices;

namespace Samovar.Tests.Contract;

/// <summary>How errors arrive, and what is reported of unobserved ones.</summary>
public abstract class FailuresContract : TimeoutsContract
{
    [Promise]
    public async Task An_error_arrives_as_its_own_type_with_the_stack_of_where_it_was_thrown()
    {
        await using var executor = Build();
        var future = executor.Submit(static () => ThrowFromHere("why"));
        var error = await Should.ThrowAsync<FormatException>(async () => await future);
        error.Message.ShouldBe("why");
        error.StackTrace.ShouldNotBeNull().ShouldContain(nameof(ThrowFromHere));
        future.State.ShouldBe(FutureState.Failed);
        future.Exception.ShouldBeSameAs(error);
        (await Should.ThrowAsync<FormatException>(async () => await future)).ShouldBeSameAs(error);
        (await Should.ThrowAsync<FormatException>(future.AsTask())).ShouldBeSameAs(error);
    }

    [Promise]
    public async Task Each_failed_task_has_an_error_of_its_own()
    {
        await using var executor = Build();
        var first = executor.Submit(static () => ThrowFromHere("1"));
        var second = executor.Submit(static () => ThrowFromHere("2"));
        var one = await Should.ThrowAsync<FormatException>(async () => await first);
        var two = await Should.ThrowAsync<FormatException>(async () => await second);
        one.ShouldNotBeSameAs(two);
    }

    [Promise]
    public async Task After_a_task_that_throws_the_next_one_works()
    {
        await using var executor = Build();
        var bad = executor.Submit(static () => ThrowFromHere("x"));
        (await executor.Submit(static () => 2)).ShouldBe(2);
        await Should.ThrowAsync<FormatException>(async () => await bad);
    }

    [Promise]
    public async Task An_error_after_an_await_arrives_too()
    {
        await using var executor = Build();
        var future = executor.Submit(static async () =>
        {
            await Task.Yield();
            ThrowFromHere("later");
        });
        (await Should.ThrowAsync<FormatException>(async () => await future)).Message.ShouldBe("later");
    }

    [Promise]
    public async Task Asynchronous_work_that_returns_no_task_fails_with_a_clear_error()
    {
        await using var executor = Build();
        var one = executor.Submit(static Task () => null!);
        var two = executor.Submit(static Task<int> () => null!);
        (await Should.ThrowAsync<InvalidOperationException>(async () => await one)).Message.ShouldContain("null");
        (await Should.ThrowAsync<InvalidOperationException>(async () => await two)).Message.ShouldContain("null");
    }

    [Promise]
    public async Task Several_errors_of_one_task_arrive_together()
    {
        await using var executor = Build();
        var future = executor.Submit(static () => Task.WhenAll(
            Task.FromException(new FormatException("a")), Task.FromException(new FormatException("b"))));
        var error = await Should.ThrowAsync<AggregateException>(async () => await future);
        error.InnerExceptions.Select(e => e.Message).ShouldBe(["a", "b"]);
    }

    [Promise(Shared)]
    public async Task The_oddest_of_exceptions_still_arrives()
    {
        await using var executor = Build();
        var odd = new OddException();
        var future = executor.Submit(() => throw odd);
        await future.EndAsync();
        future.Exception.ShouldBeSameAs(odd);
        (await executor.Submit(static () => 1)).ShouldBe(1);
    }

    [Promise(Shared)]
    public async Task A_failure_that_is_never_observed_is_reported()
    {
        await using var executor = Build(name: "the owner");
        var reports = new List<UnobservedFailure>();
        executor.UnobservedFailure += failure =>
        {
            lock (reports) reports.Add(failure);
        };
        await FailUnseenAsync(executor);
        (await GcAssert.CollectUntilAsync(() => Count(reports) > 0)).ShouldBeTrue();
        var failure = reports.ShouldHaveSingleItem();
        (failure.Executor, failure.Source, failure.TaskName, failure.Exception.Message).ShouldBe(
            ("the owner", FailureSource.Future, "unseen", "never observed"));
        executor.GetStatistics().UnobservedFailures.ShouldBe(1);
    }

    [Promise(Shared)]
    public async Task A_failure_that_was_observed_is_not_reported()
    {
        await using var executor = Build();
        await FailSeenAsync(executor);
        var reference = await DropAFutureAsync(executor);
        await ((WeakReference[])[reference]).ShouldDieAsync("a future that was collected after the failed one");
        executor.GetStatistics().UnobservedFailures.ShouldBe(0);
    }

    [Promise(Shared)]
    public async Task An_error_in_a_progress_handler_is_reported_and_spares_the_work()
    {
        await using var executor = Build();
        var reported = new TaskCompletionSource<UnobservedFailure>();
        executor.UnobservedFailure += failure => reported.TrySetResult(failure);
        var future = executor.Submit(
            static () =>
            {
                TaskContext.Current!.Report(1);
                return "done";
            },
            new() { Progress = new ThrowingProgress() });
        (await future).ShouldBe("done");
        (await reported.Task.WaitAsync(TestTimeout.Wait)).Source.ShouldBe(FailureSource.ProgressHandler);
    }

    [Promise(Shared)]
    public async Task An_error_in_detached_work_is_reported_and_the_worker_survives()
    {
        await using var executor = Build();
        var reported = new TaskCompletionSource<UnobservedFailure>();
        executor.UnobservedFailure += failure => reported.TrySetResult(failure);
        await executor.Submit(static async () =>
        {
            ThrowLater();
            await Task.Yield();
        });
        var failure = await reported.Task.WaitAsync(TestTimeout.Wait);
        failure.Source.ShouldBe(FailureSource.DetachedWork);
        failure.Exception.Message.ShouldBe("async void");
        (await executor.Submit(static () => 1)).ShouldBe(1);

        static async void ThrowLater()
        {
            await Task.Yield();
            throw new FormatException("async void");
        }
    }

    [Promise(Shared)]
    public async Task A_handler_of_failures_that_throws_does_not_keep_the_others_from_hearing()
    {
        await using var executor = Build();
        var reported = new TaskCompletionSource();
        executor.UnobservedFailure += static _ => throw new FormatException("the handler's own");
        executor.UnobservedFailure += _ => reported.TrySetResult();
        executor.Submit(static () => 1).OnCompleted(static (Future _) => throw new FormatException("the callback's"));
        await reported.Task.WaitAsync(TestTimeout.Wait);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ThrowFromHere(string message) => throw new FormatException(message);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task FailUnseenAsync(Executor executor)
    {
        await executor.Submit(static () => throw new FormatException("never observed"), new() { Name = "unseen" }).EndAsync();
        await executor.Submit(static () => { }); // the worker releases a task when it takes the next
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task FailSeenAsync(Executor executor)
    {
        var future = executor.Submit(static () => throw new FormatException());
        await Should.ThrowAsync<FormatException>(async () => await future);
        await executor.Submit(static () => { });
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<WeakReference> DropAFutureAsync(Executor executor)
    {
        var future = executor.Submit(static () => { });
        await future;
        await executor.Submit(static () => { });
        return new WeakReference(future);
    }

    private static int Count(List<UnobservedFailure> reports)
    {
        lock (reports) return reports.Count;
    }

    private sealed class ThrowingProgress : IProgress<TaskProgress>
    {
        public void Report(TaskProgress value) => throw new FormatException("the handler's");
    }

    private sealed class OddException : Exception
    {
        public override string Message => null!;

        public override IDictionary Data => null!;

        public override string ToString() => throw new NotSupportedException("not even this");
    }
}
