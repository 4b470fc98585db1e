namespace Samovar.Tests.Tasks;

/// <summary>The examples in the documentation of futures and the options of tasks, see <c>DocumentationExampleTests</c>.</summary>
public sealed class TaskExampleTests
{
    [ThreadFact]
    public async Task GetResult_blocks_for_a_limited_time()
    {
        await using var executor = new ThreadExecutor();

        Future<string> brewing = executor.Submit(() => "tea");
        string drink = brewing.GetResult(timeout: TimeSpan.FromSeconds(30)); // or: await brewing

        drink.ShouldBe("tea");
    }

    [ThreadFact]
    public async Task Timeout_limits_an_attempt()
    {
        await using var executor = new ThreadExecutor();

        Future slow = executor.Submit(
            async token => await Task.Delay(TimeSpan.FromHours(1), token),
            new() { Name = "slow", Timeout = TimeSpan.FromMilliseconds(50) });
        try
        {
            await slow;
        }
        catch (TaskTimeoutException error)
        {
            Console.WriteLine(error.Message); // Task 1 'slow' ran longer than its timeout of 50 ms (attempt 1).
        }

        slow.Exception!.Message.ShouldBe("Task 1 'slow' ran longer than its timeout of 50 ms (attempt 1).");
    }

    [ThreadFact]
    public async Task Requires_names_the_resources_of_a_task()
    {
        await using var executor = new ThreadExecutor(new() { Resources = { ["gpu"] = 2 } });
        Future<int> training = executor.Submit(
            () => TaskContext.Current!.Resources["gpu"].Indexes[0],
            new() { Requires = { ["gpu"] = 1 } });
        Console.WriteLine($"ran on GPU {await training}"); // ran on GPU 0

        (await training).ShouldBe(0);
    }

    [ThreadFact]
    public async Task Retry_repeats_a_failed_attempt()
    {
        await using var executor = new ThreadExecutor();

        int attempts = 0;
        Future<string> page = executor.Submit(
            () => ++attempts < 3 ? throw new IOException("connection reset") : "page",
            new() { Retry = new() { MaxAttempts = 5, Delay = TimeSpan.FromMilliseconds(10), RetryOn = error => error is IOException } });
        Console.WriteLine($"{await page} at attempt {page.Attempt}"); // page at attempt 3

        page.Attempt.ShouldBe(3);
    }

    [ThreadFact]
    public async Task Report_sets_the_progress_of_the_future()
    {
        await using var executor = new ThreadExecutor();

        Future counting = executor.Submit(() =>
        {
            for (int step = 1; step <= 4; step++) TaskContext.Current!.Report(step / 4.0, $"step {step} of 4");
        });
        await counting;
        Console.WriteLine(counting.Progress?.Message); // step 4 of 4

        counting.Progress.ShouldBe(new TaskProgress(1, "step 4 of 4"));
    }

    [ThreadFact]
    public async Task WaitAsync_returns_the_completed_and_the_pending_futures()
    {
        await using var executor = new ThreadExecutor(new() { Workers = 2 });

        Future[] futures = [executor.Submit(() => 42), executor.Submit(async token => await Task.Delay(Timeout.InfiniteTimeSpan, token))];
        var (done, pending) = await Futures.WaitAsync(futures, WaitFor.FirstCompleted, timeout: TimeSpan.FromSeconds(30));
        foreach (Future future in pending) future.Cancel();

        done.ShouldHaveSingleItem().ShouldBeSameAs(futures[0]);
        pending.ShouldHaveSingleItem().ShouldBeSameAs(futures[1]);
    }

    [ThreadFact]
    public async Task AsCompleted_returns_futures_as_they_complete()
    {
        await using var executor = new ThreadExecutor();

        Future<int>[] futures = [executor.Submit(() => 1), executor.Submit(() => 2), executor.Submit(() => 3)];
        int sum = 0;
        await foreach (Future<int> future in Futures.AsCompleted(futures)) sum += await future;

        sum.ShouldBe(6);
    }

    [ThreadFact]
    public async Task WhenAll_returns_the_results_in_order()
    {
        await using var executor = new ThreadExecutor();

        Future<int>[] futures = [executor.Submit(() => 1), executor.Submit(() => 2), executor.Submit(() => 3)];
        int[] results = await Futures.WhenAll(futures); // 1, 2, 3

        results.ShouldBe([1, 2, 3]);
    }
}
