namespace Samovar.Cache.Tests;

/// <summary>Maps with a cache, on several executors: results, order and errors are those without a cache, and stored items are not computed.</summary>
public sealed class CachedMapTests
{
    private static int s_runs;

    private readonly MemoryResultCache _cache = new();

    public static TheoryData<string, bool> Kinds => new()
    {
        { "threads", true }, { "threads", false }, { "inline", true }, { "inline", false }, { "processes", true }, { "processes", false },
    };

    [ProcessTheory]
    [MemberData(nameof(Kinds))]
    public async Task Stored_items_are_not_sent_and_the_results_are_the_same(string kind, bool isOrdered)
    {
        await using var executor = Create(kind);
        var options = new MapOptions { Cache = _cache, Ordered = isOrdered };
        int[] odd = [.. Enumerable.Range(0, 300).Where(static number => number % 2 == 1)];
        int[] all = [.. Enumerable.Range(0, 300)];
        int factor = 3;
        Func<int, int> work = number => number * factor;
        await executor.Map(odd, work, options).ToListAsync();
        long before = executor.GetStatistics().Submitted;
        var results = await executor.Map(all, work, options).ToListAsync();
        if (!isOrdered) results.Sort();
        results.ShouldBe(all.Select(static number => number * 3));
        _cache.GetStatistics().Hits.ShouldBe(150);
        long after = executor.GetStatistics().Submitted;
        (await executor.Map(all, work, options).ToListAsync()).Order().ShouldBe(all.Select(static number => number * 3));
        executor.GetStatistics().Submitted.ShouldBe(after);
        after.ShouldBeGreaterThan(before);
        factor = 4;
        (await executor.Map(new[] { 1 }, work, options).ToListAsync()).ShouldBe([4]);
    }

    [ThreadFact]
    public async Task Outcomes_have_the_positions_of_their_items_in_the_source()
    {
        await using var executor = new ThreadExecutor();
        var options = new MapOptions { Cache = _cache };
        Func<int, int> work = static number => number == 3 ? throw new InvalidOperationException("three") : number;
        await executor.Map(new[] { 0, 1, 4 }, work, options).ToListAsync();
        var outcomes = await executor.MapOutcomes(Enumerable.Range(0, 6), work, options).ToListAsync();
        outcomes.Select(static outcome => outcome.Index).ShouldBe([0, 1, 2, 3, 4, 5]);
        outcomes.Select(static outcome => outcome.Input).ShouldBe([0, 1, 2, 3, 4, 5]);
        outcomes[3].Error.ShouldBeOfType<InvalidOperationException>();
        _cache.Stored.Count.ShouldBe(5);
    }

    [ThreadFact]
    public async Task The_first_error_comes_after_the_results_before_it_and_names_its_item()
    {
        await using var executor = new ThreadExecutor();
        var options = new MapOptions { Cache = _cache };
        Func<int, int> work = static number => number == 3 ? throw new InvalidOperationException("three") : number;
        await executor.Map(new[] { 0, 2 }, work, options).ToListAsync();
        List<int> results = [];
        var error = await Should.ThrowAsync<InvalidOperationException>(async () =>
        {
            await foreach (int result in executor.Map(Enumerable.Range(0, 100), work, options)) results.Add(result);
        });
        results.ShouldBe([0, 1, 2]);
        FailedItem.Of(error).ShouldNotBeNull().Index.ShouldBe(3);
    }

    [ThreadFact]
    public async Task An_error_of_the_source_comes_after_the_stored_results_before_it()
    {
        await using var executor = new ThreadExecutor();
        var options = new MapOptions { Cache = _cache };
        Func<int, int> work = static number => number;
        await executor.Map(Enumerable.Range(0, 5), work, options).ToListAsync();
        List<int> results = [];
        (await Should.ThrowAsync<IOException>(async () =>
        {
            await foreach (int result in executor.Map(Broken(), work, options)) results.Add(result);
        })).Message.ShouldBe("end");
        results.ShouldBe([0, 1, 2, 3, 4]);

        static IEnumerable<int> Broken()
        {
            for (int i = 0; i < 5; i++) yield return i;
            throw new IOException("end");
        }
    }

    [ThreadTheory]
    [InlineData("threads")]
    [InlineData("inline")]
    public async Task An_endless_source_of_stored_items_can_be_left(string kind)
    {
        await using var executor = Create(kind);
        var options = new MapOptions { Cache = _cache, MaxInFlight = 10 };
        Func<int, int> work = static number => number;
        await executor.Map(new[] { 7 }, work, options).ToListAsync();
        int pulled = 0;
        bool isDisposed = false;
        int read = 0;
        await foreach (int result in executor.Map(Endless(), work, options))
        {
            result.ShouldBe(7);
            if (++read == 50) break;
        }

        isDisposed.ShouldBeTrue();
        pulled.ShouldBeLessThanOrEqualTo(62);
        executor.GetStatistics().Submitted.ShouldBe(1);

        IEnumerable<int> Endless()
        {
            try
            {
                while (true)
                {
                    pulled++;
                    yield return 7;
                }
            }
            finally
            {
                isDisposed = true;
            }
        }
    }

    [ThreadFact]
    public async Task Leaving_while_an_item_runs_cancels_it()
    {
        await using var executor = new ThreadExecutor(new() { Workers = 1 });
        Func<int, CancellationToken, Task<int>> work = static async (number, token) =>
        {
            if (number == 1) await Task.Delay(Timeout.InfiniteTimeSpan, token);
            return number;
        };
        var options = new MapOptions { Cache = _cache };
        await executor.Map(new[] { 0 }, work, options).ToListAsync();
        await foreach (int result in executor.Map(new[] { 0, 1 }, work, options))
        {
            result.ShouldBe(0);
            break;
        }

        executor.GetStatistics().Running.ShouldBe(0);
        _cache.Stored.Count.ShouldBe(1);
    }

    [ThreadFact]
    public async Task A_cancelled_enumeration_throws_the_callers_token()
    {
        await using var executor = new ThreadExecutor();
        using var source = new CancellationTokenSource();
        Func<int, CancellationToken, Task<int>> work = static async (number, token) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
            return number;
        };
        var all = executor.Map(new[] { 0, 1 }, work, new() { Cache = _cache }, source.Token).ToListAsync().AsTask();
        await source.CancelAsync();
        (await Should.ThrowAsync<OperationCanceledException>(() => all)).CancellationToken.ShouldBe(source.Token);
        executor.GetStatistics().Running.ShouldBe(0);
    }

    [ThreadFact]
    public async Task A_map_and_a_cached_function_of_the_same_name_share_their_results()
    {
        await using var executor = new InlineExecutor();
        Func<int, int> work = static number => Interlocked.Increment(ref s_runs) * 0 + number;
        int before = Volatile.Read(ref s_runs);
        await executor.Map(new[] { 5 }, work, new() { Cache = _cache, Name = "shared", CacheVersion = "1" }).ToListAsync();
        (await executor.Cached("shared", work, _cache, new() { Version = "1" }).CallAsync(5)).ShouldBe(5);
        (Volatile.Read(ref s_runs) - before).ShouldBe(1);
    }

    [ThreadFact]
    public async Task Progress_counts_stored_items()
    {
        await using var executor = new ThreadExecutor();
        var progress = new MapProgress();
        var options = new MapOptions { Cache = _cache };
        Func<int, int> work = static number => number;
        await executor.Map(Enumerable.Range(0, 6), work, options).ToListAsync();
        await executor.Map(Enumerable.Range(0, 10), work, options with { TotalProgress = progress }).ToListAsync();
        progress.GetSnapshot().Succeeded.ShouldBe(10);
        progress.GetSnapshot().Total.ShouldBe(10);
    }

    [ThreadFact]
    public void ForEachAsync_refuses_a_cache() =>
        Should.Throw<ArgumentException>(() => { _ = new InlineExecutor().ForEachAsync(new[] { 1 }, static _ => { }, new() { Cache = _cache }); })
            .Message.ShouldStartWith("ForEachAsync has no results that a cache could keep.");

    private static Executor Create(string kind) => kind switch
    {
        "threads" => new ThreadExecutor(),
        "inline" => new InlineExecutor(),
        _ => new ProcessExecutor(new() { Workers = 2 }),
    };
}
