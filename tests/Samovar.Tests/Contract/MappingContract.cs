using System.Globalization;

namespace Samovar.Tests.Contract;

/// <summary>Maps: their shapes, their order, their errors, how far they take from the source.</summary>
public abstract class MappingContract : RetriesContract
{
    [Promise]
    public async Task Map_gives_results_in_the_order_of_the_source()
    {
        await using var executor = Build(workers: 2);
        (await ListAsync(executor.Map(Enumerable.Range(0, 1000), static i => i * 2))).ShouldBe(Enumerable.Range(0, 1000).Select(i => i * 2));
        (await ListAsync(executor.Map(EndlessAsync().Take(50), static i => -i))).ShouldBe(Enumerable.Range(0, 50).Select(i => -i));
    }

    [Promise]
    public async Task Map_takes_work_of_every_shape_over_both_kinds_of_source()
    {
        await using var executor = Build();
        int[] items = [1, 2, 3];
        int[] doubled = [2, 4, 6];
        (await ListAsync(executor.Map(items, static i => i * 2))).ShouldBe(doubled);
        (await ListAsync(executor.Map(items, static (i, token) => token.CanBeCanceled ? i * 2 : 0))).ShouldBe(doubled);
        (await ListAsync(executor.Map(items, DoubleAsync))).ShouldBe(doubled);
        (await ListAsync(executor.Map(items, DoubleWithTokenAsync))).ShouldBe(doubled);
        var asynchronous = items.ToAsyncEnumerable();
        (await ListAsync(executor.Map(asynchronous, static i => i * 2))).ShouldBe(doubled);
        (await ListAsync(executor.Map(asynchronous, static (i, token) => token.CanBeCanceled ? i * 2 : 0))).ShouldBe(doubled);
        (await ListAsync(executor.Map(asynchronous, DoubleAsync))).ShouldBe(doubled);
        (await ListAsync(executor.Map(asynchronous, DoubleWithTokenAsync))).ShouldBe(doubled);
        (await ListAsync(executor.MapOutcomes(items, static i => i * 2))).Select(o => o.Value).ShouldBe(doubled);
        (await ListAsync(executor.MapOutcomes(items, static (i, _) => i * 2))).Select(o => o.Value).ShouldBe(doubled);
        (await ListAsync(executor.MapOutcomes(items, DoubleAsync))).Select(o => o.Value).ShouldBe(doubled);
        (await ListAsync(executor.MapOutcomes(items, DoubleWithTokenAsync))).Select(o => o.Value).ShouldBe(doubled);
        (await ListAsync(executor.MapOutcomes(asynchronous, static i => i * 2))).Select(o => o.Value).ShouldBe(doubled);
        (await ListAsync(executor.MapOutcomes(asynchronous, static (i, _) => i * 2))).Select(o => o.Value).ShouldBe(doubled);
        (await ListAsync(executor.MapOutcomes(asynchronous, DoubleAsync))).Select(o => o.Value).ShouldBe(doubled);
        (await ListAsync(executor.MapOutcomes(asynchronous, DoubleWithTokenAsync))).Select(o => o.Value).ShouldBe(doubled);

        static async Task<int> DoubleAsync(int i)
        {
            await Task.Yield();
            return i * 2;
        }

        static async Task<int> DoubleWithTokenAsync(int i, CancellationToken token)
        {
            await Task.Delay(0, token);
            return i * 2;
        }
    }

    [Promise(Shared)]
    public async Task ForEachAsync_runs_every_item_for_every_shape_of_work()
    {
        await using var executor = Build(workers: 2);
        int sum = 0;
        int[] items = [1, 10, 100];
        var asynchronous = items.ToAsyncEnumerable();
        await executor.ForEachAsync(items, Add);
        await executor.ForEachAsync(items, (i, _) => Add(i));
        await executor.ForEachAsync(items, AddAsync);
        await executor.ForEachAsync(items, (i, _) => AddAsync(i));
        await executor.ForEachAsync(asynchronous, Add);
        await executor.ForEachAsync(asynchronous, (i, _) => Add(i));
        await executor.ForEachAsync(asynchronous, AddAsync);
        await executor.ForEachAsync(asynchronous, (i, _) => AddAsync(i));
        sum.ShouldBe(888);

        void Add(int i) => Interlocked.Add(ref sum, i);

        async Task AddAsync(int i)
        {
            await Task.Yield();
            Add(i);
        }
    }

    [Promise]
    public async Task ForEachAsync_throws_the_first_error()
    {
        await using var executor = Build();
        (await Should.ThrowAsync<FormatException>(() =>
            executor.ForEachAsync(Endless(), static i => _ = i == 40 ? throw new FormatException("at 40") : i))).Message.ShouldBe("at 40");
    }

    [Promise]
    public async Task Nothing_is_taken_from_the_source_before_the_first_step()
    {
        await using var executor = Build();
        int taken = 0;
        var map = executor.Map(Counted(() => taken++), static i => i);
        taken.ShouldBe(0);
        await using var loop = map.GetAsyncEnumerator();
        taken.ShouldBe(0);
        (await loop.MoveNextAsync()).ShouldBeTrue();
        taken.ShouldBeGreaterThan(0);
    }

    [Promise]
    public async Task Results_before_the_failing_item_come_out_then_its_error_at_its_place()
    {
        await using var executor = Build(workers: 2);
        foreach (int? batch in (int?[])[null, 1, 6])
        {
            var results = new List<int>();
            var error = await Should.ThrowAsync<FormatException>(async () =>
            {
                await foreach (int result in executor.Map(
                    Enumerable.Range(0, 20), static i => i == 11 ? throw new FormatException($"item {i}") : i, new() { BatchSize = batch }))
                {
                    results.Add(result);
                }
            });
            error.Message.ShouldBe("item 11");
            results.ShouldBe(Enumerable.Range(0, 11));
            var item = FailedItem.Of(error).ShouldNotBeNull();
            (item.Index, item.LongIndex).ShouldBe((11, 11L));
            item.Input.ShouldBe(11);
            error.Data[FailedItem.DataKey].ShouldBe("item 11: 11");
        }
    }

    [Promise]
    public async Task MapOutcomes_gives_every_item_its_own_outcome()
    {
        await using var executor = Build(workers: 2);
        foreach (int? batch in (int?[])[null, 1, 6, 100])
        {
            var outcomes = await ListAsync(executor.MapOutcomes(
                Enumerable.Range(0, 50), static i => i % 3 == 0 ? throw new FormatException($"item {i}") : i, new() { BatchSize = batch }));
            outcomes.Select(o => o.Index).ShouldBe(Enumerable.Range(0, 50));
            outcomes.Where(o => o.IsSuccess).Select(o => o.Value).ShouldBe(Enumerable.Range(0, 50).Where(i => i % 3 != 0));
            outcomes.Where(o => !o.IsSuccess).ShouldAllBe(o => o.Error is FormatException && o.Error.Message == $"item {o.Index}");
            foreach (var (input, value, error) in outcomes) (input, error is null).ShouldBe(input % 3 == 0 ? (input, false) : (value, true));
            outcomes.Select(o => o.Input).ShouldBe(Enumerable.Range(0, 50));
        }
    }

    [Promise]
    public async Task The_error_of_a_loop_over_items_names_its_item()
    {
        await using var executor = Build(workers: 2);
        string[] texts = ["1", "2", "three", "4"];
        foreach (var options in (MapOptions[])[new(), new() { BatchSize = 4 }, new() { BatchSize = 1, Retry = new() { MaxAttempts = 2, Delay = TimeSpan.Zero } }])
        {
            var error = await Should.ThrowAsync<FormatException>(executor.ForEachAsync(texts, static text => { _ = int.Parse(text, CultureInfo.InvariantCulture); }, options));
            FailedItem.Of(error).ShouldNotBeNull().Input.ShouldBeSameAs(texts[2]);
            FailedItem.Of(error)!.ToString().ShouldBe("item 2: three");
        }

        FailedItem.Of(new FormatException()).ShouldBeNull();
    }

    [Promise]
    public async Task An_error_of_the_source_comes_at_its_place_and_the_executor_is_usable_after()
    {
        var executor = Build(workers: 2);
        await using var end = TestSupport.KillAtEnd(executor);
        foreach (int good in (int[])[0, 1, 17])
        {
            var results = new List<int>();
            var loop = Task.Run(async () =>
            {
                await foreach (int result in executor.Map(FailingAfter(good), static i => i)) results.Add(result);
            });
            (await Should.ThrowAsync<FormatException>(loop.WaitAsync(TestTimeout.Wait / 2))).Message.ShouldBe("the source");
            results.ShouldBe(Enumerable.Range(0, good));
            (await ListAsync(executor.MapOutcomes(FailingAfter(good).ToAsyncEnumerable().Take(good), static i => i))).Count.ShouldBe(good);
        }

        (await executor.Submit(static () => 1)).ShouldBe(1);
        executor.GetStatistics().UnobservedFailures.ShouldBe(0);

        static IEnumerable<int> FailingAfter(int good)
        {
            for (int i = 0; i < good; i++) yield return i;
            throw new FormatException("the source");
        }
    }

    [Promise]
    public async Task An_empty_source_ends_at_once()
    {
        await using var executor = Build();
        (await ListAsync(executor.Map(Array.Empty<int>(), static i => i))).ShouldBeEmpty();
        (await ListAsync(executor.MapOutcomes(AsyncEnumerable.Empty<int>(), static i => i))).ShouldBeEmpty();
        await executor.ForEachAsync(Array.Empty<int>(), static _ => { });
    }

    [Promise]
    public async Task Batches_of_whatever_size_give_the_same_results()
    {
        await using var executor = Build(workers: 2);
        foreach (int? batch in (int?[])[null, 1, 6, 100, 1000])
        {
            foreach (int? bound in (int?[])[null, 1, 7, 500])
            {
                foreach (bool ordered in (bool[])[true, false])
                {
                    var results = await ListAsync(executor.Map(
                        Enumerable.Range(0, 100), static i => i + 1, new() { BatchSize = batch, MaxInFlight = bound, Ordered = ordered }));
                    results.ShouldBe(Enumerable.Range(1, 100), ignoreOrder: !ordered);
                }
            }
        }
    }

    [Promise]
    public async Task An_endless_source_is_taken_only_as_far_as_needed()
    {
        await using var executor = Build(workers: 2);
        long taken = 0, given = 0, furthest = 0;
        var source = Counted(() => furthest = Math.Max(furthest, ++taken - Volatile.Read(ref given)));
        await foreach (int _ in executor.Map(source, static i => i, new() { MaxInFlight = 32 }))
        {
            if (Interlocked.Increment(ref given) == 20_000) break;
        }

        Volatile.Read(ref furthest).ShouldBeLessThanOrEqualTo(33);
    }

    [Promise]
    public async Task Leaving_the_loop_disposes_the_source()
    {
        await using var executor = Build();
        var disposed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await foreach (int i in executor.Map(Source(), static i => i))
        {
            if (i == 3) break;
        }

        await disposed.Task.WaitAsync(TestTimeout.Wait);

        IEnumerable<int> Source()
        {
            try
            {
                for (int i = 0; ; i++) yield return i;
            }
            finally
            {
                disposed.SetResult();
            }
        }
    }

    [Promise]
    public async Task Each_enumeration_is_a_run_of_its_own()
    {
        await using var executor = Build();
        var map = executor.Map(Enumerable.Range(0, 10), static i => i);
        (await ListAsync(map)).ShouldBe(await ListAsync(map));
    }

    [Promise]
    public async Task Bad_arguments_to_a_map_are_refused_at_the_call()
    {
        await using var executor = Build();
        Should.Throw<ArgumentNullException>(() => executor.Map((IEnumerable<int>)null!, static i => i)).ParamName.ShouldBe("source");
        Should.Throw<ArgumentNullException>(() => executor.Map((IAsyncEnumerable<int>)null!, static i => i)).ParamName.ShouldBe("source");
        Should.Throw<ArgumentNullException>(() => executor.Map([1], (Func<int, int>)null!)).ParamName.ShouldBe("work");
        Should.Throw<ArgumentNullException>(() => { _ = executor.ForEachAsync([1], (Action<int>)null!); }).ParamName.ShouldBe("work");
        Should.Throw<ArgumentOutOfRangeException>(static () => new MapOptions { BatchSize = 0 }).ParamName.ShouldBe("BatchSize");
        Should.Throw<ArgumentOutOfRangeException>(static () => new MapOptions { BatchSize = -3 }).ActualValue.ShouldBe(-3);
        Should.Throw<ArgumentOutOfRangeException>(static () => new MapOptions { MaxInFlight = 0 }).ParamName.ShouldBe("MaxInFlight");
        Should.Throw<ArgumentOutOfRangeException>(static () => new MapOptions { TotalTimeout = TimeSpan.Zero }).ParamName.ShouldBe("TotalTimeout");
    }

    protected static IEnumerable<int> Endless()
    {
        for (int i = 0; ; i++) yield return i;
    }

    protected static IEnumerable<int> Counted(Action taken)
    {
        for (int i = 0; ; i++)
        {
            taken();
            yield return i;
        }
    }

    private static async IAsyncEnumerable<int> EndlessAsync()
    {
        for (int i = 0; ; i++)
        {
            await Task.Yield();
            yield return i;
        }
    }
}
