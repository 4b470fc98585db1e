using System.Collections.Concurrent;

namespace Samovar.Tests.Executors;

/// <summary>The examples in the documentation of executors, see <c>DocumentationExampleTests</c>.</summary>
public sealed class ExecutorExampleTests
{
    [ThreadFact]
    public async Task ThreadExecutor_runs_work_on_named_threads()
    {
        await using var executor = new ThreadExecutor(new() { Workers = 4, Name = "kitchen" });
        string? thread = await executor.Submit(() => Thread.CurrentThread.Name);
        Console.WriteLine(thread); // kitchen #1

        thread.ShouldBe("kitchen #1");
    }

    [ThreadFact]
    public async Task InlineExecutor_runs_work_on_the_calling_thread()
    {
        await using var executor = new InlineExecutor();
        Future<int> thread = executor.Submit(() => Environment.CurrentManagedThreadId);
        Console.WriteLine(thread.IsCompleted); // True: Submit has run the work on this thread

        thread.IsCompleted.ShouldBeTrue();
        thread.Result.ShouldBe(Environment.CurrentManagedThreadId);
    }

    [ThreadFact]
    public async Task GetStatistics_counts_tasks()
    {
        await using var executor = new ThreadExecutor();

        Future<int> future = executor.Submit(() => 42);
        await executor.DrainAsync();
        ExecutorStatistics statistics = executor.GetStatistics();
        Console.WriteLine($"{statistics.Succeeded} of {statistics.Submitted} tasks have succeeded"); // 1 of 1 …

        (statistics.Submitted, statistics.Succeeded).ShouldBe((1, 1));
        (await future).ShouldBe(42);
    }

    [ThreadFact]
    public async Task Submit_returns_a_future_for_the_result()
    {
        await using var executor = new ThreadExecutor();

        Future<int> future = executor.Submit(() => Enumerable.Range(1, 100).Sum());
        int sum = await future;

        sum.ShouldBe(5050);
    }

    [ThreadFact]
    public async Task A_MapProgress_counts_the_items_of_a_map()
    {
        await using var executor = new ThreadExecutor();

        var progress = new MapProgress { Name = "words" };
        string[] words = ["tea", "samovar", "cup"];
        await executor.ForEachAsync(words, word => Console.WriteLine(word), new() { TotalProgress = progress });
        MapProgressSnapshot snapshot = progress.GetSnapshot();
        Console.WriteLine($"{snapshot.Completed} of {snapshot.Total} items"); // 3 of 3 items

        (snapshot.Completed, snapshot.Total).ShouldBe((3, 3));
    }

    [ThreadFact]
    public async Task Map_returns_the_results_in_order()
    {
        await using var executor = new ThreadExecutor();

        string[] words = ["tea", "samovar", "cup"];
        List<int> lengths = [];
        await foreach (int length in executor.Map(words, word => word.Length)) lengths.Add(length);

        lengths.ShouldBe([3, 7, 3]);
    }

    [ThreadFact]
    public async Task MapOutcomes_continues_after_a_failure()
    {
        await using var executor = new ThreadExecutor();

        int[] numbers = [10, 0, 5];
        List<int> results = [], failed = [];
        await foreach (var outcome in executor.MapOutcomes(numbers, number => 60 / number))
        {
            if (outcome.IsSuccess) results.Add(outcome.Value);
            else failed.Add(outcome.Input);
        }

        results.ShouldBe([6, 12]);
        failed.ShouldBe([0]);
    }

    [ThreadFact]
    public async Task ForEachAsync_runs_the_work_for_every_item()
    {
        await using var executor = new ThreadExecutor();

        var squares = new ConcurrentDictionary<int, int>();
        await executor.ForEachAsync(Enumerable.Range(1, 100), number => squares[number] = number * number);

        squares[100].ShouldBe(10_000);
        squares.Count.ShouldBe(100);
    }

    [ThreadFact]
    public async Task ShutdownAsync_cancels_and_waits()
    {
        await using var executor = new ThreadExecutor();

        Future endless = executor.Submit(async token => await Task.Delay(Timeout.InfiniteTimeSpan, token));
        await executor.ShutdownAsync(ShutdownMode.Kill, grace: TimeSpan.FromSeconds(5));
        Console.WriteLine(endless.State); // Canceled

        endless.State.ShouldBe(FutureState.Canceled);
    }

    [ThreadFact]
    public async Task A_task_takes_the_results_of_others()
    {
        await using var executor = new ThreadExecutor();

        Future<int> six = executor.Submit(() => 6);
        Future<int> seven = executor.Submit(six, six => six + 1);
        int product = await executor.Submit(six, seven, (six, seven) => six * seven); // 42

        product.ShouldBe(42);
    }

    [ThreadFact]
    public async Task Then_follows_a_task()
    {
        await using var executor = new ThreadExecutor();

        int length = await executor.Submit(() => "tea").Then(word => word.Length).Then(length => length * 2); // 6

        length.ShouldBe(6);
    }

    [ThreadFact]
    public async Task Aggregate_combines_in_order()
    {
        await using var executor = new ThreadExecutor();

        string[] words = ["tea", "pot", "lid"];
        Future<string>[] shouted = [.. words.Select(word => executor.Submit(() => word.ToUpperInvariant()))];
        string all = await executor.Aggregate(shouted, (left, right) => left + right); // TEAPOTLID

        all.ShouldBe("TEAPOTLID");
    }

    [ThreadFact]
    public async Task MapReduce_maps_and_combines()
    {
        await using var executor = new ThreadExecutor();

        int squares = await executor.MapReduce(Enumerable.Range(1, 10), number => number * number, (left, right) => left + right); // 385

        squares.ShouldBe(385);
    }

    [ThreadFact]
    public async Task WorkerState_is_built_on_the_worker()
    {
        await using var executor = new ThreadExecutor();

        var words = new WorkerState<Dictionary<string, int>>(() => new() { ["tea"] = 3 }); // built once in each worker
        int letters = await executor.Submit(() => words.Value["tea"]); // 3

        letters.ShouldBe(3);
    }

    [ThreadFact]
    public async Task SubmitKept_leaves_the_result_on_its_worker()
    {
        await using var executor = new ThreadExecutor();

        using Kept<double[]> numbers = await executor.SubmitKept(() => new double[1_000_000]);
        using Kept<double[]> ones = await numbers.ThenKept(all => Array.ConvertAll(all, number => number + 1));
        double sum = await ones.Then(all => all.Sum()); // 1000000

        sum.ShouldBe(1_000_000);
    }

    [ThreadFact]
    public async Task CollectExitResultsAsync_returns_what_each_worker_leaves()
    {
        var executor = new ThreadExecutor(new() { Workers = 2, ExitHook = () => Environment.CurrentManagedThreadId });
        await executor.Submit(() => { });
        foreach (var exit in await executor.CollectExitResultsAsync<int>()) Console.WriteLine($"{exit.Worker.Name} was thread {exit.Value}");

        executor.TakeExitResults<int>().ShouldBeEmpty();
    }

    [ThreadFact]
    public async Task An_actor_keeps_its_state_between_calls()
    {
        await using var executor = new ThreadExecutor();

        await using Actor<List<int>> numbers = await executor.CreateActorAsync(() => new List<int>());
        await numbers.CallAsync(list => list.Add(7));
        int count = await numbers.CallAsync(list => list.Count); // 1

        count.ShouldBe(1);
    }
}
