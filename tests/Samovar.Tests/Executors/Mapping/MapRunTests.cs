namespace Samovar.Tests.Executors.Mapping;

/// <summary>What a map over threads does beyond the contract: batches, the source on a thread of its own, the order of ends.</summary>
public sealed class MapRunTests
{
    private readonly ManualTimeProvider _time = new();

    [ThreadFact]
    public async Task A_batch_that_turns_out_slow_returns_its_rest()
    {
        await using var executor = new ThreadExecutor(new() { Workers = 1, TimeProvider = _time });
        Gate occupied = new(), release = new();
        _ = executor.Submit(() =>
        {
            occupied.Open();
            release.Pass();
        });
        await occupied.PassAsync();
        var tasks = new List<long>();
        var loop = executor.Map(Enumerable.Range(0, 12), Work, new() { BatchSize = 6 }).ToListAsync().AsTask();
        await TestTimeout.UntilAsync(() => executor.GetStatistics().Submitted >= 3);
        release.Open();
        (await loop).ShouldBe(Enumerable.Range(0, 12));
        tasks.Distinct().Count().ShouldBe(12, "every slow item ended up in a task of its own");

        int Work(int i)
        {
            tasks.Add(TaskContext.Current!.TaskId);
            _time.Advance(TimeSpan.FromSeconds(1));
            return i;
        }
    }

    [ThreadFact]
    public async Task Quick_items_travel_together()
    {
        await using var executor = new ThreadExecutor(new() { Workers = 1, TimeProvider = _time });
        (await executor.Map(Enumerable.Range(0, 20_000), static i => i).CountAsync()).ShouldBe(20_000);
        executor.GetStatistics().Submitted.ShouldBeLessThan(10_000);
    }

    [ThreadFact]
    public async Task A_slow_source_does_not_delay_finished_results()
    {
        await using var executor = new ThreadExecutor(new() { Workers = 1 });
        Gate next = new();
        var loop = executor.Map(Source(), static i => i).GetAsyncEnumerator();
        (await loop.MoveNextAsync()).ShouldBeTrue();
        loop.Current.ShouldBe(0);
        var second = loop.MoveNextAsync();
        second.IsCompleted.ShouldBeFalse();
        next.Open();
        (await second).ShouldBeTrue();
        await loop.DisposeAsync();

        IEnumerable<int> Source()
        {
            yield return 0;
            next.Pass();
            yield return 1;
        }
    }

    [ThreadFact]
    public async Task A_loop_can_be_left_while_the_source_blocks_once_the_grace_is_over()
    {
        await using var executor = new ThreadExecutor(new() { Workers = 1, CancellationGrace = TimeSpan.Zero });
        Gate blocked = new(), never = new(), disposed = new();
        await foreach (int _ in executor.Map(Source(), static i => i))
        {
            await blocked.PassAsync();
            break;
        }

        disposed.IsOpen.ShouldBeFalse();
        never.Open();
        await disposed.PassAsync();

        IEnumerable<int> Source()
        {
            try
            {
                yield return 0;
                blocked.Open();
                never.Pass();
                yield return 1;
            }
            finally
            {
                disposed.Open();
            }
        }
    }

    [ThreadFact]
    public async Task Unordered_results_come_as_items_end()
    {
        await using var executor = new ThreadExecutor(new() { Workers = 2 });
        Gate release = new();
        var loop = executor.Map(
            [0, 1, 2],
            i =>
            {
                if (i == 0) release.Pass();
                return i;
            },
            new() { Ordered = false, BatchSize = 1 }).GetAsyncEnumerator();
        await using (loop)
        {
            (await loop.MoveNextAsync()).ShouldBeTrue();
            loop.Current.ShouldBe(1);
            (await loop.MoveNextAsync()).ShouldBeTrue();
            loop.Current.ShouldBe(2);
            release.Open();
            (await loop.MoveNextAsync()).ShouldBeTrue();
            loop.Current.ShouldBe(0);
        }
    }

    [ThreadTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_error_of_the_source_that_an_item_s_error_forestalls_is_reported(bool isAsynchronous)
    {
        await using var executor = new ThreadExecutor(new() { Workers = 1 });
        var reported = new TaskCompletionSource<UnobservedFailure>(TaskCreationOptions.RunContinuationsAsynchronously);
        executor.UnobservedFailure += failure => reported.TrySetResult(failure);
        var disposed = new Gate();
        var options = new MapOptions { BatchSize = 1 };

        var error = isAsynchronous
            ? await Should.ThrowAsync<FormatException>(executor.ForEachAsync(SourceAsync(), Fail, options))
            : await Should.ThrowAsync<FormatException>(executor.ForEachAsync(Source(), Fail, options));

        error.Message.ShouldBe("the item's");
        var failure = await reported.Task.WaitAsync(TestTimeout.Wait);
        failure.Source.ShouldBe(FailureSource.MapSource);
        failure.Exception.Message.ShouldBe("while disposing");

        void Fail(int item)
        {
            disposed.Pass();
            throw new FormatException("the item's");
        }

        IEnumerable<int> Source()
        {
            try
            {
                yield return 1;
            }
            finally
            {
                disposed.Open();
                Throw();
            }
        }

        async IAsyncEnumerable<int> SourceAsync()
        {
            await Task.CompletedTask;
            foreach (int item in Source()) yield return item;
        }

        static void Throw() => throw new FormatException("while disposing");
    }

    [ThreadFact]
    public async Task An_error_of_the_source_after_the_loop_was_left_is_reported()
    {
        await using var executor = new ThreadExecutor(new() { Workers = 1 });
        var reported = new TaskCompletionSource<UnobservedFailure>(TaskCreationOptions.RunContinuationsAsynchronously);
        executor.UnobservedFailure += failure => reported.TrySetResult(failure);
        await foreach (int _ in executor.Map(Source(), static i => i)) break;
        var failure = await reported.Task.WaitAsync(TestTimeout.Wait);
        failure.Source.ShouldBe(FailureSource.MapSource);
        failure.Exception.Message.ShouldBe("while disposing");

        static IEnumerable<int> Source()
        {
            try
            {
                for (int i = 0; ; i++) yield return i;
            }
            finally
            {
                Throw();
            }
        }

        static void Throw() => throw new FormatException("while disposing");
    }

    [ThreadFact]
    public async Task A_long_map_holds_no_more_memory_than_a_short_one()
    {
        await using var executor = new ThreadExecutor(new() { Workers = 2 });
        long furthest = 0, taken = 0, given = 0;
        await foreach (var _ in executor.Map(Source(), static block => block.Length, new() { MaxInFlight = 64 })) Interlocked.Increment(ref given);
        given.ShouldBe(30_000);
        furthest.ShouldBeLessThanOrEqualTo(65);

        IEnumerable<byte[]> Source()
        {
            for (int i = 0; i < 30_000; i++)
            {
                furthest = Math.Max(furthest, ++taken - Interlocked.Read(ref given));
                yield return new byte[64];
            }
        }
    }
}
