namespace Samovar.Tests.Contract;

/// <summary>What <see cref="MapOptions.TotalProgress"/> counts, whatever runs the items and however the map completes.</summary>
public abstract class MapProgressContract : MapEndsContract
{
    [Promise]
    public async Task All_items_of_a_map_are_counted_when_it_is_over()
    {
        await using var executor = Build(workers: 2);
        foreach (int? size in (int?[])[null, 1, 7])
        {
            var progress = new MapProgress { Name = "numbers" };
            (await ListAsync(executor.Map(Enumerable.Range(0, 200).ToArray(), static i => i, new() { TotalProgress = progress, BatchSize = size }))).Count.ShouldBe(200);
            var snapshot = progress.GetSnapshot();
            snapshot.Name.ShouldBe("numbers");
            (snapshot.Total, snapshot.Completed, snapshot.Succeeded, snapshot.Failed, snapshot.Canceled).ShouldBe((200L, 200L, 200L, 0L, 0L));
            (snapshot.Running, snapshot.IsRunning, snapshot.EstimatedRemaining, snapshot.Fraction).ShouldBe((0, false, null, 1.0));
            snapshot.SlowestItems.Count.ShouldBe(5);
            snapshot.SlowestItems.ShouldBe(snapshot.SlowestItems.OrderByDescending(static item => item.Duration));
            snapshot.SlowestItems.ShouldAllBe(static item => item.Argument == $"{item.Index}" && item.Worker != null);
            var insights = progress.GetInsights();
            insights.Workers.Sum(static worker => worker.Items).ShouldBe(200);
            insights.Working.ShouldBeGreaterThan(TimeSpan.Zero);
        }
    }

    [Promise]
    public async Task Items_are_measured_whatever_their_results_are()
    {
        await using var executor = Build();
        await CheckAsync(static i => $"{i}");
        await CheckAsync(static i => new int[] { i });
        await CheckAsync(static i => new string('x', 5_000));
        await CheckAsync(static i => i % 2 == 0 ? throw new FormatException() : i);

        async Task CheckAsync<T>(Func<int, T> work)
        {
            var progress = new MapProgress { KeptSlowestItems = 100 };
            (await ListAsync(executor.MapOutcomes(Enumerable.Range(0, 60), work, new() { BatchSize = 6, TotalProgress = progress }))).Count.ShouldBe(60);
            var snapshot = progress.GetSnapshot();
            snapshot.Completed.ShouldBe(60);
            snapshot.SlowestItems.Count.ShouldBeInRange(10, 60, "one of each batch");
            snapshot.SlowestItems.ShouldAllBe(static item => item.Argument == $"{item.Index}");
            snapshot.SlowestItems.Select(static item => item.Index).ShouldBeUnique();
        }
    }

    [Promise]
    public async Task ForEachAsync_and_asynchronous_items_and_sources_are_counted_too()
    {
        await using var executor = Build(workers: 2);
        var each = new MapProgress();
        await executor.ForEachAsync(Enumerable.Range(0, 20), static async i => await Task.Yield(), new() { TotalProgress = each });
        (each.GetSnapshot().Succeeded, each.GetSnapshot().Total).ShouldBe((20L, 20L));

        var unknown = new MapProgress();
        await executor.ForEachAsync(Enumerable.Range(0, 20).ToAsyncEnumerable(), static i => { }, new() { TotalProgress = unknown });
        (unknown.GetSnapshot().Succeeded, unknown.GetSnapshot().Total, unknown.GetSnapshot().Fraction).ShouldBe((20L, null, null));

        var told = new MapProgress { Total = 40 };
        await executor.ForEachAsync(Enumerable.Range(0, 20).ToAsyncEnumerable(), static i => { }, new() { TotalProgress = told });
        (told.GetSnapshot().Succeeded, told.GetSnapshot().Fraction).ShouldBe((20L, 0.5));
    }

    [Promise]
    public async Task Failures_are_counted_and_a_failure_that_stops_the_map_leaves_nothing_running()
    {
        await using var executor = Build(workers: 2);
        foreach (int size in (int[])[1, 8])
        {
            var progress = new MapProgress();
            var options = new MapOptions { TotalProgress = progress, BatchSize = size };
            await ListAsync(executor.MapOutcomes(Enumerable.Range(0, 60), static i => i % 3 == 0 ? throw new FormatException() : i, options));
            var snapshot = progress.GetSnapshot();
            (snapshot.Succeeded, snapshot.Failed, snapshot.Canceled, snapshot.Completed).ShouldBe((40L, 20L, 0L, 60L));

            var stopped = new MapProgress();
            await Should.ThrowAsync<FormatException>(ListAsync(executor.Map(
                Enumerable.Range(0, 60), static i => i == 30 ? throw new FormatException() : i, options with { TotalProgress = stopped })));
            var end = stopped.GetSnapshot();
            (end.Failed, end.IsRunning, end.Running).ShouldBe((1L, false, 0));
            end.Completed.ShouldBeInRange(31, 60);
            end.Succeeded.ShouldBeGreaterThanOrEqualTo(30);
        }
    }

    [Promise]
    public async Task An_item_that_is_retried_counts_once()
    {
        await using var executor = Build();
        var progress = new MapProgress();
        await ListAsync(executor.Map(
            [1, 2, 3], static i => TaskContext.Current!.Attempt < 3 ? throw new FormatException() : i, new() { Retry = AtOnce, TotalProgress = progress }));
        var snapshot = progress.GetSnapshot();
        (snapshot.Succeeded, snapshot.Failed, snapshot.Retries).ShouldBe((3L, 0L, 6L));
    }

    [Promise(Beside | Several)]
    public async Task An_item_that_times_out_counts_as_failed()
    {
        var time = new ManualTimeProvider();
        await using var executor = Build(workers: 2, time: time);
        Gate started = NewGate(), never = NewGate();
        var progress = new MapProgress();
        var loop = ListAsync(executor.MapOutcomes([0, 1, 2], Work(started, never), new() { Timeout = Limit, TotalProgress = progress }));
        await started.PassAsync();
        await TestTimeout.UntilAsync(() => progress.GetSnapshot() is { Succeeded: 2, Running: 1 });
        time.Advance(Limit);
        await loop;
        var snapshot = progress.GetSnapshot();
        (snapshot.Succeeded, snapshot.Failed, snapshot.Running).ShouldBe((2L, 1L, 0));
        snapshot.SlowestItems[0].Argument.ShouldBe("0");

        static Func<int, CancellationToken, int> Work(Gate started, Gate never) => (i, token) =>
        {
            if (i != 0) return i;
            started.Open();
            never.Pass(token);
            return i;
        };
    }

    [Promise(Beside | Several)]
    public async Task While_a_map_runs_its_rate_and_the_time_left_are_by_the_clock_of_the_executor()
    {
        var time = new ManualTimeProvider();
        await using var executor = Build(workers: 2, time: time);
        Gate mayGoOn = NewGate();
        var progress = new MapProgress();
        var loop = ListAsync(executor.Map(Enumerable.Range(0, 41), Work(mayGoOn), new() { BatchSize = 1, MaxInFlight = 41, TotalProgress = progress }));
        await TestTimeout.UntilAsync(() => progress.GetSnapshot() is { Completed: 40, Running: 1 });
        time.Advance(TimeSpan.FromSeconds(5));
        var snapshot = progress.GetSnapshot();
        (snapshot.IsRunning, snapshot.Elapsed, snapshot.Rate, snapshot.EstimatedRemaining).ShouldBe((true, TimeSpan.FromSeconds(5), 8.0, TimeSpan.FromSeconds(0.125)));
        mayGoOn.Open();
        await loop;
        time.Advance(TimeSpan.FromSeconds(5));
        (progress.GetSnapshot().Elapsed, progress.GetSnapshot().Rate).ShouldBe((TimeSpan.FromSeconds(5), 8.2), "it does not grow when the map has completed");

        static Func<int, int> Work(Gate mayGoOn) => i =>
        {
            if (i != 3) return i;
            mayGoOn.Pass();
            return i;
        };
    }

    [Promise(Beside)]
    public async Task Leaving_a_map_early_counts_the_cancelled_items_and_ends_the_progress()
    {
        var executor = Build(grace: TestTimeout.Wait);
        await using var end = TestSupport.KillAtEnd(executor);
        Gate started = NewGate(), never = NewGate();
        var progress = new MapProgress();
        await foreach (int _ in executor.Map([0, 1, 2, 3], Work(started, never), new() { BatchSize = 1, MaxInFlight = 4, TotalProgress = progress }))
        {
            await started.PassAsync();
            progress.GetSnapshot().IsRunning.ShouldBeTrue();
            break;
        }

        var snapshot = progress.GetSnapshot();
        (snapshot.Succeeded, snapshot.IsRunning, snapshot.Running, snapshot.EstimatedRemaining).ShouldBe((1L, false, 0, null));
        snapshot.Canceled.ShouldBeInRange(1, 3);
        (snapshot.Total, snapshot.Failed).ShouldBe((4L, 0L));

        static Func<int, CancellationToken, int> Work(Gate started, Gate never) => (i, token) =>
        {
            if (i != 1) return i;
            started.Open();
            never.Pass(token);
            return i;
        };
    }

    [Promise]
    public async Task A_handler_gets_the_last_state_before_the_map_ends_and_its_error_is_reported()
    {
        await using var executor = Build(workers: 2);
        var reported = new List<UnobservedFailure>();
        executor.UnobservedFailure += failure =>
        {
            lock (reported) reported.Add(failure);
        };
        var handler = new Handler();
        await ListAsync(executor.Map(Enumerable.Range(0, 50), static i => i, new() { TotalProgress = new MapProgress { Handler = handler, Interval = TimeSpan.Zero } }));
        List<MapProgressSnapshot> seen = handler.Seen;
        (seen[^1].Completed, seen[^1].IsRunning).ShouldBe((50L, false));
        seen.Select(static one => one.Completed).ShouldBeInOrder();

        var failing = new MapProgress { Handler = new Handler { Fails = true } };
        await ListAsync(executor.Map([1], static i => i, new() { TotalProgress = failing }));
        lock (reported) reported.ShouldContain(static failure => failure.Source == FailureSource.ProgressHandler && failure.Exception is InvalidDataException);
    }

    [Promise]
    public async Task Several_maps_add_up_in_one_progress()
    {
        await using var executor = Build();
        var progress = new MapProgress { KeptSlowestItems = 3 };
        var options = new MapOptions { TotalProgress = progress };
        var map = executor.Map([1, 2, 3], static i => i, options);
        await ListAsync(map);
        await ListAsync(map);
        await executor.ForEachAsync([1, 2], static i => { }, options);
        var snapshot = progress.GetSnapshot();
        (snapshot.Completed, snapshot.Total, snapshot.SlowestItems.Count).ShouldBe((8L, 8L, 3));
        progress.GetInsights().Workers.Sum(static worker => worker.Items).ShouldBe(8);
    }

    private sealed class Handler : IProgress<MapProgressSnapshot>
    {
        private readonly List<MapProgressSnapshot> _seen = [];

        public bool Fails { get; init; }

        public List<MapProgressSnapshot> Seen
        {
            get
            {
                lock (_seen) return [.. _seen];
            }
        }

        public void Report(MapProgressSnapshot value)
        {
            lock (_seen) _seen.Add(value);
            if (Fails) throw new InvalidDataException("the display");
        }
    }
}
