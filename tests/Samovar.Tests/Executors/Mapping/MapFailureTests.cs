using System.Runtime.CompilerServices;

namespace Samovar.Tests.Executors.Mapping;

/// <summary>Maps whose executor is dropped, killed or shut down on the way, and what items share.</summary>
public sealed class MapFailureTests
{
    private static readonly MapOptions s_sixes = new() { BatchSize = 6 };
    private readonly ManualTimeProvider _time = new();

    [ThreadFact]
    public async Task A_loop_over_a_map_keeps_an_executor_without_other_references()
    {
        int given = 0;
        var loop = MapOfDropped().GetAsyncEnumerator();
        await using (loop)
        {
            while (await loop.MoveNextAsync())
            {
                if (given++ % 50 != 0) continue;
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
        }

        given.ShouldBe(400);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static IAsyncEnumerable<int> MapOfDropped() =>
            new ThreadExecutor(new() { Workers = 2 }).Map(Enumerable.Range(0, 400), static i => i, new() { MaxInFlight = 4 });
    }

    [ThreadFact]
    public async Task What_a_killed_batch_still_does_never_reaches_the_reader()
    {
        var executor = new ThreadExecutor(new() { Workers = 1, TimeProvider = _time });
        Gate inside = new(), stuck = new();
        Thread? worker = null;
        var loop = (await BatchOfSixAfterTwoAsync(
            executor,
            take => executor.MapOutcomes(
                take,
                i =>
                {
                    if (i == 4)
                    {
                        worker = Thread.CurrentThread;
                        inside.Open();
                        stuck.Pass();
                    }

                    return i;
                },
                s_sixes))).GetAsyncEnumerator();
        await inside.PassAsync();
        await executor.ShutdownAsync(ShutdownMode.Kill, TimeSpan.Zero).WaitAsync(TestTimeout.Wait);
        for (int i = 0; i < 3; i++) (await loop.MoveNextAsync()).ShouldBeTrue();
        loop.Current.Error.ShouldNotBeNull().ShouldBeAssignableTo<OperationCanceledException>();
        stuck.Open();
        worker!.Join(TestTimeout.Wait).ShouldBeTrue();
        for (int i = 3; i < 8; i++)
        {
            (await loop.MoveNextAsync()).ShouldBeTrue();
            loop.Current.Index.ShouldBe(i);
            loop.Current.Error.ShouldNotBeNull().ShouldBeAssignableTo<OperationCanceledException>();
        }

        await loop.DisposeAsync();
    }

    [ThreadFact]
    public async Task The_rest_of_a_batch_that_finds_the_executor_shut_down_is_an_error_at_its_place()
    {
        var executor = new ThreadExecutor(new() { Workers = 1, TimeProvider = _time });
        Gate inside = new(), go = new();
        var loop = await BatchOfSixAfterTwoAsync(
            executor,
            take => executor.Map(
                take,
                i =>
                {
                    if (i == 2)
                    {
                        inside.Open();
                        go.Pass();
                        _time.Advance(TimeSpan.FromSeconds(1)); // slow: the batch returns its remaining items
                    }

                    return i;
                },
                s_sixes),
            items: 14);
        await inside.PassAsync();
        var shutdown = executor.ShutdownAsync();
        go.Open();
        var given = new List<int>();
        await Should.ThrowAsync<ObjectDisposedException>(async () =>
        {
            await foreach (int i in loop) given.Add(i);
        });
        given.ShouldBe([0, 1, 2]);
        await shutdown.WaitAsync(TestTimeout.Wait);
    }

    [ThreadFact]
    public async Task What_one_item_of_a_batch_leaves_in_its_context_the_next_does_not_see()
    {
        await using var executor = new ThreadExecutor(new() { Workers = 1, TimeProvider = _time });
        var ambient = new AsyncLocal<string?> { Value = "the reader's" };
        var tasks = new HashSet<long>();
        var seen = await (await BatchOfSixAfterTwoAsync(
            executor,
            take => executor.Map(
                take,
                i =>
                {
                    tasks.Add(TaskContext.Current!.TaskId);
                    string? found = ambient.Value;
                    ambient.Value = $"left by {i}";
                    return found;
                },
                s_sixes))).ToListAsync();
        seen.ShouldBe(Enumerable.Repeat("the reader's", 8));
        tasks.Count.ShouldBe(3, "six of the items travelled together");
    }

    [ThreadFact]
    public async Task A_batch_that_has_returned_its_rest_holds_it_no_longer()
    {
        await using var executor = new ThreadExecutor(new() { Workers = 1, TimeProvider = _time });
        var items = new List<WeakReference>();
        var loop = (await BatchOfSixAfterTwoAsync(
            executor,
            take => executor.Map(
                take.Select(_ => NewItem(items)),
                item =>
                {
                    _time.Advance(TimeSpan.FromSeconds(1)); // slow: the batch returns its remaining items
                    return item.GetHashCode();
                },
                s_sixes))).GetAsyncEnumerator();
        await using (loop)
        {
            (await loop.MoveNextAsync()).ShouldBeTrue();
            await TestTimeout.UntilAsync(() => executor.GetStatistics().Succeeded == 9); // every item alone, and the one that occupied
            await items.ShouldDieAsync("mapped items, in batches that were never read");
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static object NewItem(List<WeakReference> items)
    {
        object item = new();
        items.Add(new WeakReference(item));
        return item;
    }

    /// <summary>Lets items gather while the only worker is occupied: two travel alone, the rest by six.</summary>
    private static async Task<IAsyncEnumerable<T>> BatchOfSixAfterTwoAsync<T>(
        ThreadExecutor executor, Func<IEnumerable<int>, IAsyncEnumerable<T>> map, int items = 8)
    {
        Gate occupied = new(), release = new();
        _ = executor.Submit(() =>
        {
            occupied.Open();
            release.Pass();
        });
        await occupied.PassAsync();
        var loop = map(Enumerable.Range(0, items)).GetAsyncEnumerator();
        var first = loop.MoveNextAsync().AsTask();
        long submitted = 1 + 2 + ((items - 2) / 6);
        await TestTimeout.UntilAsync(() => executor.GetStatistics().Submitted == submitted);
        release.Open();
        return GoOnAsync();

        async IAsyncEnumerable<T> GoOnAsync()
        {
            await using (loop)
            {
                if (!await first) yield break;
                do yield return loop.Current;
                while (await loop.MoveNextAsync());
            }
        }
    }
}
