using System.Diagnostics.CodeAnalysis;

namespace Samovar.Tests.Contract;

/// <summary>What submitted work sees, and what its future and its context tell of it.</summary>
public abstract class SubmittingContract : ExecutorSuite
{
    [Promise]
    public async Task Submit_takes_work_of_every_shape()
    {
        await using var executor = Build();
        await executor.Submit(static () => { });
        await executor.Submit(static (CancellationToken token) => token.ThrowIfCancellationRequested());
        await executor.Submit(static async () => await Task.Yield());
        await executor.Submit(static async (CancellationToken token) => await Task.Delay(0, token));
        (await executor.Submit(static () => 1)).ShouldBe(1);
        (await executor.Submit(static (CancellationToken token) => token.CanBeCanceled)).ShouldBeTrue();
        (await executor.Submit(static async () =>
        {
            await Task.Yield();
            return "three";
        })).ShouldBe("three");
        (await executor.Submit(static async (CancellationToken token) =>
        {
            await Task.Delay(0, token);
            return 4.0;
        })).ShouldBe(4.0);
    }

    [Promise]
    [SuppressMessage("Style", "IDE0004", Justification = "The casts choose the overload.")]
    public async Task Null_work_is_refused_at_the_call()
    {
        await using var executor = Build();
        foreach (Action submit in (Action[])[
            () => executor.Submit((Action)null!),
            () => executor.Submit((Action<CancellationToken>)null!),
            () => executor.Submit((Func<Task>)null!),
            () => executor.Submit((Func<CancellationToken, Task>)null!),
            () => executor.Submit((Func<int>)null!),
            () => executor.Submit((Func<CancellationToken, int>)null!),
            () => executor.Submit((Func<Task<int>>)null!),
            () => executor.Submit((Func<CancellationToken, Task<int>>)null!)])
        {
            Should.Throw<ArgumentNullException>(submit).ParamName.ShouldBe("work");
        }

        executor.GetStatistics().Submitted.ShouldBe(0);
    }

    [Promise]
    public async Task Work_sees_what_it_captured()
    {
        await using var executor = Build();
        int number = 41;
        string[] words = ["a", "b"];
        (await executor.Submit(() => $"{number + 1} {string.Join('+', words)}")).ShouldBe("42 a+b");
    }

    [Promise]
    public async Task A_future_reports_its_number_name_times_and_worker()
    {
        var time = new ManualTimeProvider();
        await using var executor = Build(time: time);
        var submitted = time.GetUtcNow();
        var first = executor.Submit(static () => { });
        var second = executor.Submit(static () => { }, new() { Name = "the second" });
        await second;
        first.Id.ShouldBe(1);
        second.Id.ShouldBe(2);
        first.Name.ShouldBeNull();
        second.Name.ShouldBe("the second");
        second.State.ShouldBe(FutureState.Succeeded);
        second.IsCompleted.ShouldBeTrue();
        second.Attempt.ShouldBe(1);
        second.Worker.ShouldNotBeNull().Name.ShouldContain(executor.Name);
        second.SubmittedAt.ShouldBe(submitted);
        second.StartedAt.ShouldBe(submitted);
        second.FinishedAt.ShouldBe(submitted);
        second.ToString().ShouldContain("the second");
    }

    [Promise]
    public async Task Inside_a_task_its_context_identifies_it()
    {
        await using var executor = Build();
        var future = executor.Submit(
            static () => (TaskContext.Current!.TaskId, TaskContext.Current.Name, TaskContext.Current.Attempt, TaskContext.Current.WorkerId),
            new() { Name = "me" });
        var (id, name, attempt, worker) = await future;
        id.ShouldBe(future.Id);
        name.ShouldBe("me");
        attempt.ShouldBe(1);
        worker.ShouldBe(future.Worker!.Id);
        TaskContext.Current.ShouldBeNull();
    }

    [Promise]
    public async Task The_context_follows_asynchronous_work_over_its_awaits()
    {
        await using var executor = Build();
        var future = executor.Submit(static async () =>
        {
            await Task.Yield();
            await Task.Delay(1).ConfigureAwait(false);
            return TaskContext.Current?.TaskId;
        });
        (await future).ShouldBe(future.Id);
    }

    [Promise(Shared)]
    public async Task Work_runs_in_the_execution_context_it_was_submitted_in()
    {
        await using var executor = Build();
        var ambient = new AsyncLocal<string> { Value = "submitter" };
        var future = executor.Submit(() => ambient.Value);
        ambient.Value = "later";
        (await future).ShouldBe("submitter");
    }

    [Promise(Shared)]
    public async Task What_one_task_leaves_in_its_context_the_next_does_not_see()
    {
        await using var executor = Build();
        var ambient = new AsyncLocal<string?>();
        await executor.Submit(() => ambient.Value = "left behind");
        (await executor.Submit(() => ambient.Value)).ShouldBeNull();
    }

    [Promise(Shared)]
    public async Task Work_starts_in_the_order_of_submission()
    {
        await using var executor = Build();
        var order = new List<int>();
        var futures = Enumerable.Range(0, 1000).Select(i => executor.Submit(() => order.Add(i))).ToList();
        await Futures.WaitAsync(futures, timeout: TestTimeout.Wait);
        order.ShouldBe(Enumerable.Range(0, 1000));
    }

    [Promise(Beside)]
    public async Task Submit_returns_while_all_workers_are_busy()
    {
        var executor = Build();
        await using var end = TestSupport.KillAtEnd(executor);
        var release = NewGate();
        await OccupyAsync(executor, release);
        List<Future<int>> futures = [];
        await TestSupport.OnOwnThread(() => futures.AddRange(Enumerable.Range(0, 10_000).Select(i => executor.Submit(() => i))))
            .WaitAsync(TestTimeout.Wait / 2);
        futures.ShouldAllBe(future => future.State == FutureState.Queued);
        release.Open();
        (await Futures.WaitAsync(futures, timeout: TestTimeout.Wait)).Pending.ShouldBeEmpty();
        futures.Select(f => f.Result).ShouldBe(Enumerable.Range(0, 10_000));
    }

    [Promise(Beside)]
    public async Task A_task_goes_from_queued_over_running_to_completion()
    {
        await using var executor = Build();
        Gate first = NewGate(), second = NewGate(), started = NewGate();
        await OccupyAsync(executor, first);
        var future = executor.Submit(() =>
        {
            started.Open();
            second.Pass();
        });
        future.State.ShouldBe(FutureState.Queued);
        future.StartedAt.ShouldBeNull();
        future.Worker.ShouldBeNull();
        future.RunTime.ShouldBe(TimeSpan.Zero);
        first.Open();
        await started.PassAsync();
        future.State.ShouldBe(FutureState.Running);
        future.FinishedAt.ShouldBeNull();
        second.Open();
        await future;
        future.State.ShouldBe(FutureState.Succeeded);
    }

    [Promise(Beside | Shared)]
    public async Task Running_work_reports_when_it_started()
    {
        await using var executor = Build();
        var release = NewGate();
        var future = await OccupyAsync(executor, release);
        future.StartedAt.ShouldNotBeNull();
        future.FinishedAt.ShouldBeNull();
        release.Open();
        await future;
    }

    [Promise(Beside | Several)]
    public async Task No_more_tasks_run_at_the_same_time_than_there_are_workers()
    {
        await using var executor = Build(workers: 2);
        var release = NewGate();
        await OccupyAsync(executor, release);
        await OccupyAsync(executor, release);
        var futures = Enumerable.Range(0, 28).Select(_ => executor.Submit(Passing(release))).ToList();
        var statistics = executor.GetStatistics();
        statistics.Running.ShouldBe(2);
        statistics.LiveWorkers.ShouldBe(2);
        statistics.Queued.ShouldBe(28);
        release.Open();
        await Futures.WaitAsync(futures, timeout: TestTimeout.Wait);
        executor.GetStatistics().LiveWorkers.ShouldBeLessThanOrEqualTo(2);
    }

    [Promise]
    public async Task Progress_is_kept_in_the_future()
    {
        await using var executor = Build();
        var future = executor.Submit(static () => TaskContext.Current!.Report(0.5, "half"));
        await future;
        future.Progress.ShouldBe(new TaskProgress(0.5, "half"));
    }

    [Promise(Shared)]
    public async Task Progress_reaches_the_handler_in_the_options()
    {
        await using var executor = Build();
        var handler = new ListedProgress();
        await executor.Submit(
            static () =>
            {
                TaskContext.Current!.Report(0.25);
                TaskContext.Current.Report(null, "unknown end");
            },
            new() { Progress = handler });
        handler.Reports.ShouldBe([new TaskProgress(0.25), new TaskProgress(null, "unknown end")]);
    }

    [Promise]
    public async Task A_fraction_outside_zero_to_one_is_refused()
    {
        await using var executor = Build();
        foreach (double fraction in (double[])[-0.1, 1.1, double.NaN])
        {
            var future = executor.Submit(() => TaskContext.Current!.Report(fraction));
            (await Should.ThrowAsync<ArgumentOutOfRangeException>(async () => await future)).ParamName.ShouldBe("fraction");
        }
    }

    private sealed class ListedProgress : IProgress<TaskProgress>
    {
        public List<TaskProgress> Reports { get; } = [];

        public void Report(TaskProgress value) => Reports.Add(value);
    }
}
