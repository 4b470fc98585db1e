using System.Diagnostics.CodeAnalysis;

namespace Samovar.Tests.Contract;

/// <summary>Tasks that take the results of other tasks.</summary>
public abstract class DependentTasksContract : ShutdownContract
{
    [Promise]
    public async Task A_task_takes_the_results_of_others_in_every_shape()
    {
        await using var executor = Build();
        var two = executor.Submit(static () => 2);
        var word = executor.Submit(static () => "tea");
        var half = executor.Submit(static () => 0.5);
        (await executor.Submit(two, static two => two + 1)).ShouldBe(3);
        (await executor.Submit(two, static async two => await Task.FromResult(two * 10))).ShouldBe(20);
        (await executor.Submit(two, word, static (two, word) => word + two)).ShouldBe("tea2");
        (await executor.Submit(two, word, static async (two, word) => await Task.FromResult(word + two))).ShouldBe("tea2");
        (await executor.Submit(two, word, half, static (two, word, half) => $"{word} {two * half:0}")).ShouldBe("tea 1");
        (await executor.Submit(two, word, half, static async (two, word, half) => await Task.FromResult($"{word} {two * half:0}"))).ShouldBe("tea 1");
        (await executor.Submit([two, two, two], static all => all.Sum())).ShouldBe(6);
        (await executor.Submit([two, two], static async all => await Task.FromResult(all.Length))).ShouldBe(2);
        (await executor.Submit(Enumerable.Empty<Future<int>>(), static all => all.Length)).ShouldBe(0);
        await executor.Submit(two, static two => Check(two == 2));
        await executor.Submit(two, word, static (two, word) => Check(word.Length > two));
        await executor.Submit(two, word, half, static (two, word, half) => Check(two * half < word.Length));
        await executor.Submit([two, two], static all => Check(all.Length == 2));
        await executor.Submit(two, static async two => await CheckAsync(two == 2));
        await executor.Submit(two, word, static async (two, word) => await CheckAsync(word.Length > two));
        await executor.Submit(two, word, half, static async (two, word, half) => await CheckAsync(two * half < word.Length));
        await executor.Submit([two, two], static async all => await CheckAsync(all.Length == 2));
    }

    [Promise]
    public async Task A_task_follows_another_one_in_every_shape()
    {
        await using var executor = Build();
        var first = executor.Submit(static () => { });
        (await first.Then(static () => "after").Then(static word => word.Length).Then(static async length => await Task.FromResult(length * 2))).ShouldBe(10);
        (await first.Then(static async () => await Task.FromResult(1))).ShouldBe(1);
        await first.Then(static () => { }).Then(static async () => await Task.Yield());
        await executor.Submit(static () => 4).Then(static four => Check(four == 4));
        await executor.Submit(static () => 4).Then(static async four => await CheckAsync(four == 4));
    }

    [Promise]
    public async Task Inputs_may_belong_to_other_executors()
    {
        await using var executor = Build();
        await using var threads = new ThreadExecutor(new() { Workers = 1 });
        var here = executor.Submit(static () => "a");
        var there = threads.Submit(static () => "b");
        var both = executor.Submit(here, there, static (here, there) => here + there);
        var back = threads.Submit(both, here, static (both, here) => both + here);
        (await executor.Submit(back, static back => back.ToUpperInvariant())).ShouldBe("ABA");
    }

    [Promise(Beside)]
    public async Task A_task_that_waits_for_its_inputs_occupies_no_worker()
    {
        var executor = Build();
        await using var end = TestSupport.KillAtEnd(executor);
        await using var threads = new ThreadExecutor(new() { Workers = 1 });
        var release = new Gate();
        var input = threads.Submit(() =>
        {
            release.Pass();
            return 20;
        });
        var dependent = executor.Submit(input, static input => input + 1);
        (await executor.Submit(static () => "meanwhile")).ShouldBe("meanwhile");
        dependent.State.ShouldBe(FutureState.Queued);
        var statistics = executor.GetStatistics();
        statistics.WaitingForInputs.ShouldBe(1);
        statistics.Queued.ShouldBe(1);
        release.Open();
        (await dependent).ShouldBe(21);
        await executor.DrainAsync();
        executor.GetStatistics().WaitingForInputs.ShouldBe(0);
    }

    [Promise]
    public async Task The_failure_of_an_input_ends_all_that_depend_on_it_and_is_named()
    {
        await using var executor = Build(name: "kitchen");
        var input = executor.Submit(static int () => throw new FormatException("no tea"), new() { Name = "brew" });
        var next = executor.Submit(input, static input => input + 1, new() { Name = "pour" });
        var last = next.Then(static next => next + 1, new() { Name = "drink" });
        var error = await Should.ThrowAsync<InputFailedException>(async () => await next);
        error.Message.ShouldBe($"Task {next.Id} 'pour' did not start: its input, task {input.Id} 'brew' of 'kitchen', failed: no tea");
        error.InnerException.ShouldBeOfType<FormatException>();
        (error.TaskId, error.TaskName, error.Executor).ShouldBe((input.Id, "brew", "kitchen"));
        error = await Should.ThrowAsync<InputFailedException>(async () => await last);
        error.Message.ShouldBe($"Task {last.Id} 'drink' did not start: task {input.Id} 'brew' of 'kitchen', on which its input depends, failed: no tea");
        error.InnerException.ShouldBeOfType<FormatException>();
        next.State.ShouldBe(FutureState.Failed);
        next.Worker.ShouldBeNull();
        executor.GetStatistics().Failed.ShouldBe(3);
    }

    [Promise(Beside)]
    public async Task The_first_failure_does_not_wait_for_the_other_inputs()
    {
        var executor = Build();
        await using var end = TestSupport.KillAtEnd(executor);
        await using var threads = new ThreadExecutor(new() { Workers = 1 });
        var release = new Gate();
        var slow = threads.Submit(() =>
        {
            release.Pass();
            return 1;
        });
        var failing = executor.Submit(static int () => throw new FormatException("bad"));
        await Should.ThrowAsync<InputFailedException>(async () => await executor.Submit(slow, failing, static (slow, failing) => slow + failing));
        slow.IsCompleted.ShouldBeFalse();
        release.Open();
        (await slow).ShouldBe(1);
    }

    [Promise(Beside)]
    public async Task The_cancellation_of_an_input_cancels_all_that_depend_on_it_and_is_named()
    {
        var executor = Build(name: "kitchen");
        await using var end = TestSupport.KillAtEnd(executor);
        Gate release = NewGate();
        await OccupyAsync(executor, release);
        var input = executor.Submit(static () => 1, new() { Name = "brew" });
        var next = input.Then(static input => input + 1, new() { Name = "pour" });
        var last = next.Then(static next => next + 1);
        input.Cancel().ShouldBeTrue();
        last.Exception.ShouldBeOfType<OperationCanceledException>().Message
            .ShouldBe($"Task {last.Id} was cancelled, because its input, task {input.Id} 'brew' of 'kitchen', was cancelled.");
        next.State.ShouldBe(FutureState.Canceled);
        last.State.ShouldBe(FutureState.Canceled);
        release.Open();
    }

    [Promise(Beside)]
    public async Task A_task_that_waits_for_its_inputs_can_be_cancelled()
    {
        var executor = Build();
        await using var end = TestSupport.KillAtEnd(executor);
        Gate release = NewGate();
        using var source = new CancellationTokenSource();
        var input = await OccupyAsync(executor, release);
        var one = input.Then(static () => throw new InvalidOperationException("It has started."));
        var other = input.Then(static () => throw new InvalidOperationException("It has started."), new() { CancellationToken = source.Token });
        one.Cancel().ShouldBeTrue();
        one.State.ShouldBe(FutureState.Canceled);
        await source.CancelAsync();
        (await Should.ThrowAsync<OperationCanceledException>(async () => await other)).CancellationToken.ShouldBe(source.Token);
        executor.GetStatistics().WaitingForInputs.ShouldBe(0);
        release.Open();
        await input;
        (await input.Then(static () => "later")).ShouldBe("later");
    }

    [Promise(Beside)]
    public async Task Shutdown_waits_for_tasks_whose_inputs_are_missing()
    {
        var executor = Build();
        Gate release = NewGate();
        var input = await OccupyAsync(executor, release);
        var last = input.Then(static () => 1).Then(static one => one + 1);
        var ending = executor.ShutdownAsync();
        ending.IsCompleted.ShouldBeFalse();
        release.Open();
        (await last).ShouldBe(2);
        await ending.WaitAsync(TestTimeout.Wait);
    }

    [Promise(Beside)]
    public async Task Shutdown_in_the_other_modes_cancels_tasks_whose_inputs_are_missing()
    {
        foreach (var mode in (ShutdownMode[])[ShutdownMode.CancelQueued, ShutdownMode.Kill])
        {
            var executor = Build();
            await using var threads = new ThreadExecutor(new() { Workers = 1 });
            var release = new Gate();
            var dependent = executor.Submit(threads.Submit(() =>
            {
                release.Pass();
                return 1;
            }), static input => input + 1);
            await executor.ShutdownAsync(mode, TimeSpan.Zero).WaitAsync(TestTimeout.Wait);
            dependent.State.ShouldBe(FutureState.Canceled);
            release.Open();
        }
    }

    [Promise(Shared | Capabilities.LendsWorkers)]
    public async Task A_task_can_block_for_a_task_that_depends_on_others_of_its_executor()
    {
        await using var executor = Build();
        (await executor.Submit(() =>
        {
            var input = executor.Submit(static () => 20);
            return executor.Submit(input, input.Then(static input => input + 1), static (one, other) => one + other).Result;
        }).AsTask().WaitAsync(TestTimeout.Wait)).ShouldBe(41);
    }

    [Promise]
    public async Task A_dependent_task_has_its_timeout_and_its_retries()
    {
        await using var executor = Build();
        var input = executor.Submit(static () => 2);
        var retried = executor.Submit(
            input, static least => TaskContext.Current!.Attempt >= least ? TaskContext.Current.Attempt : throw new FormatException("again"), new() { Retry = new RetryPolicy { MaxAttempts = 3 } });
        (await retried).ShouldBe(2);
        var late = executor.Submit(input, static async _ => await Task.Delay(Timeout.InfiniteTimeSpan, TaskContext.Current!.CancellationToken), new() { Timeout = TimeSpan.FromMilliseconds(10) });
        await Should.ThrowAsync<TaskTimeoutException>(async () => await late);
    }

    [Promise]
    public async Task Values_are_combined_in_a_tree_that_keeps_their_order()
    {
        await using var executor = Build();
        foreach (int count in (int[])[1, 2, 3, 7, 8, 33])
        {
            string expected = string.Concat(Enumerable.Range(0, count));
            var inputs = Enumerable.Range(0, count).Select(i => Submit(executor, i)).ToList();
            (await executor.Aggregate(inputs, static (left, right) => left + right)).ShouldBe(expected);
        }

        (await executor.MapReduce([1, 2, 3, 4, 5], static i => i * i, static (left, right) => left + right)).ShouldBe(55);
        Should.Throw<ArgumentException>(() => executor.MapReduce(Array.Empty<int>(), static i => i, static (left, right) => left + right));

        static Future<string> Submit(Executor executor, int i) => executor.Submit(() => $"{i}");
    }

    [Promise]
    [SuppressMessage("Style", "IDE0004", Justification = "The casts choose the overload.")]
    public async Task Missing_inputs_and_work_are_refused_at_the_call()
    {
        var executor = Build(name: "closed for the day");
        var input = executor.Submit(static () => 1);
        Should.Throw<ArgumentNullException>(() => executor.Submit((Future<int>)null!, static one => one)).ParamName.ShouldBe("inputs");
        Should.Throw<ArgumentNullException>(() => executor.Submit([input, null!], static all => all.Length)).Message.ShouldStartWith("Input 2 of 2 is null.");
        Should.Throw<ArgumentNullException>(() => executor.Submit(input, (Func<int, int>)null!)).ParamName.ShouldBe("work");
        Should.Throw<ArgumentNullException>(() => ((Future)null!).Then(static () => { })).ParamName.ShouldBe("future");
        await input;
        executor.GetStatistics().Submitted.ShouldBe(1);
        await executor.ShutdownAsync();
        Should.Throw<ObjectDisposedException>(() => executor.Submit(input, static one => one + 1)).Message.ShouldContain("closed for the day");
        Should.Throw<ObjectDisposedException>(() => input.Then(static one => one + 1));
        await using var other = Build();
        (await other.Submit(input, static one => one + 1)).ShouldBe(2); // the result outlives its executor
    }

    [Promise]
    public async Task A_long_chain_completes()
    {
        await using var executor = Build();
        var last = executor.Submit(static () => 0);
        for (int i = 0; i < 300; i++) last = last.Then(static last => last + 1);
        (await last).ShouldBe(300);
    }

    private static void Check(bool isTrue)
    {
        if (!isTrue) throw new InvalidOperationException("The argument is another one.");
    }

    private static async Task CheckAsync(bool isTrue)
    {
        await Task.Yield();
        Check(isTrue);
    }
}
