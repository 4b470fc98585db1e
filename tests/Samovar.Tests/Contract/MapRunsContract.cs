namespace Samovar.Tests.Contract;

/// <summary>Maps under way: cancellation, time, retries.</summary>
public abstract class MapRunsContract : MappingContract
{
    [Promise(Beside)]
    public async Task Leaving_a_map_early_cancels_what_has_not_run_and_the_item_that_runs()
    {
        var executor = Build(grace: TestTimeout.Wait);
        await using var end = TestSupport.KillAtEnd(executor);
        Gate started = NewGate(), never = NewGate(), touched = NewGate();
        await foreach (int _ in executor.Map(
            [0, 1, 2, 3],
            (i, token) =>
            {
                if (i == 1)
                {
                    started.Open();
                    never.Pass(token);
                }

                if (i > 1) touched.Open();
                return i;
            },
            new() { BatchSize = 1 }))
        {
            await started.PassAsync();
            break;
        }

        await executor.DrainAsync().WaitAsync(TestTimeout.Wait / 2);
        touched.IsOpen.ShouldBeFalse();
        executor.GetStatistics().Canceled.ShouldBeGreaterThanOrEqualTo(1);
    }

    [Promise(Beside)]
    public async Task A_token_cancels_the_map()
    {
        await using var executor = Build(grace: TestTimeout.Wait);
        using var source = new CancellationTokenSource();
        Gate started = NewGate(), never = NewGate();
        var loop = ListAsync(executor.Map(
            [1],
            (i, token) =>
            {
                started.Open();
                never.Pass(token);
                return i;
            },
            cancellationToken: source.Token));
        await started.PassAsync();
        await source.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(loop.WaitAsync(TestTimeout.Wait));
        await executor.DrainAsync().WaitAsync(TestTimeout.Wait);
    }

    [Promise]
    public async Task The_token_of_the_loop_cancels_the_map_too()
    {
        await using var executor = Build();
        using var ofMethod = new CancellationTokenSource();
        using var ofLoop = new CancellationTokenSource();
        int given = 0;
        await Should.ThrowAsync<OperationCanceledException>(async () =>
        {
            await foreach (int _ in executor.Map(Endless(), static i => i, cancellationToken: ofMethod.Token).WithCancellation(ofLoop.Token))
            {
                if (++given == 5) await ofLoop.CancelAsync();
            }
        });
        given.ShouldBeGreaterThanOrEqualTo(5);
    }

    [Promise(Beside)]
    public async Task A_map_out_of_time_delivers_what_is_finished_and_then_throws()
    {
        var time = new ManualTimeProvider();
        await using var executor = Build(time: time, grace: TestTimeout.Wait);
        Gate started = NewGate(), never = NewGate();
        var results = new List<int>();
        var items = executor.Map(
            [1, 2, 3],
            (i, token) =>
            {
                if (i == 3)
                {
                    started.Open();
                    never.Pass(token);
                }

                return i;
            },
            new() { TotalTimeout = Limit, BatchSize = 1 });
        var loop = Should.ThrowAsync<TimeoutException>(CollectAsync(items, results));
        await started.PassAsync();
        await TestTimeout.UntilAsync(() => executor.GetStatistics().Succeeded >= 2); // a result may still be on the way when the next item starts
        time.Advance(Limit);
        (await loop).Message.ShouldContain("total timeout");
        results.ShouldBe([1, 2]);
    }

    [Promise(Shared)]
    public async Task A_map_out_of_time_throws_also_where_items_run_in_step()
    {
        var time = new ManualTimeProvider();
        await using var executor = Build(time: time);
        var results = new List<int>();
        await Should.ThrowAsync<TimeoutException>(async () =>
        {
            await foreach (int result in executor.Map(Endless(), Slow, new() { TotalTimeout = Limit, MaxInFlight = 1 })) results.Add(result);
        });
        results.Count.ShouldBeInRange(2, 3);

        int Slow(int i)
        {
            if (i < 3) time.Advance(Limit / 3);
            return i;
        }
    }

    [Promise]
    public async Task Items_are_retried_like_tasks()
    {
        await using var executor = Build();
        var options = new MapOptions { Retry = AtOnce };
        (await ListAsync(executor.Map(
            [1, 2, 3], static i => TaskContext.Current!.Attempt < 3 ? throw new FormatException() : i, options))).ShouldBe([1, 2, 3]);
        executor.GetStatistics().Retries.ShouldBe(6);
    }

    [Promise(Beside | Several)]
    public async Task An_item_that_times_out_fails_alone()
    {
        var time = new ManualTimeProvider();
        await using var executor = Build(workers: 2, time: time);
        var never = NewGate();
        var loop = ListAsync(executor.MapOutcomes(
            Enumerable.Range(0, 6),
            (i, token) =>
            {
                if (i == 2) never.Pass(token);
                return i;
            },
            new() { Timeout = Limit }));
        await AdvanceUntilAsync(executor, time, loop);

        var outcomes = await loop;
        outcomes[2].Error.ShouldBeOfType<TaskTimeoutException>();
        outcomes.Where(o => o.IsSuccess).Select(o => o.Value).ShouldBe([0, 1, 3, 4, 5]);
    }

    // A method of its own, so that the item's lambda does not share a closure with the executor.
    private static Task AdvanceUntilAsync(Executor executor, ManualTimeProvider time, Task map) => TestTimeout.UntilAsync(() =>
    {
        if (executor.GetStatistics() is { Running: 1, Succeeded: 5 }) time.Advance(Limit);
        return map.IsCompleted;
    });

    [Promise]
    public async Task Each_item_sees_the_context_of_a_task()
    {
        await using var executor = Build();
        var names = await ListAsync(executor.Map([1, 2], static _ => TaskContext.Current!.Name, new() { Name = "rendering" }));
        names.ShouldBe(["rendering", "rendering"]);
    }

    [Promise(Beside)]
    public async Task A_map_over_an_executor_that_is_shut_down_meanwhile_throws()
    {
        var executor = Build();
        int given = 0;
        var error = await Should.ThrowAsync<Exception>(async () =>
        {
            await foreach (int _ in executor.Map(Endless(), static i => i, new() { MaxInFlight = 8 }))
            {
                if (++given == 20) await executor.ShutdownAsync(ShutdownMode.CancelQueued);
            }
        });
        (error is ObjectDisposedException or OperationCanceledException).ShouldBeTrue(error.ToString());
    }

    [Promise(Beside | Shared)]
    public async Task Large_errors_of_many_items_do_not_delay_the_shutdown()
    {
        var executor = Build(workers: 2);
        var outcomes = await ListAsync(executor.MapOutcomes(
            Enumerable.Range(0, 20), static int (i) => throw new FormatException(new string('x', 1_000_000))));
        outcomes.Count.ShouldBe(20);
        await executor.DisposeAsync().AsTask().WaitAsync(TestTimeout.Wait);
    }

    private static async Task CollectAsync<T>(IAsyncEnumerable<T> items, List<T> results)
    {
        await foreach (var item in items) results.Add(item);
    }
}
