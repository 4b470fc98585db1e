using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Samovar.Tests.Contract;

/// <summary>Functions and maps whose results are kept in a cache.</summary>
public abstract class CachingContract : ResourcesContract
{
    [Promise]
    public async Task A_cached_function_is_computed_once_for_each_argument()
    {
        await using var executor = Build();
        var cache = new MemoryCache();
        var mark = executor.Cached("mark", static (string text) => $"{text} {Guid.NewGuid()}", cache); // each computation has another result
        string tea = await mark.CallAsync("tea"), cup = await mark.CallAsync("cup");
        tea.ShouldStartWith("tea ");
        cup.ShouldStartWith("cup ");
        (await mark.CallAsync("tea")).ShouldBe(tea);
        executor.GetStatistics().Submitted.ShouldBe(2);
        (cache.GetStatistics().Hits, cache.GetStatistics().Misses, cache.GetStatistics().Failures).ShouldBe((1L, 2L, 0L));
    }

    [Promise]
    public async Task A_failure_is_not_kept()
    {
        await using var executor = Build();
        var cache = new MemoryCache();
        var refuse = executor.Cached("refuse", static (string text) => text.Length > 0 ? throw new FormatException(text) : 0, cache);
        for (int call = 0; call < 2; call++) (await Should.ThrowAsync<FormatException>(async () => await refuse.CallAsync("tea"))).Message.ShouldBe("tea");
        executor.GetStatistics().Failed.ShouldBe(2);
        cache.IsEmpty.ShouldBeTrue();
    }

    [Promise]
    public async Task A_map_computes_only_what_is_not_kept_and_its_outcomes_are_those_without_a_cache()
    {
        await using var executor = Build(workers: 2);
        var options = new MapOptions { Cache = new MemoryCache(), BatchSize = 2 };
        var first = await ListAsync(executor.MapOutcomes([1, 2, 3, 4], Mark, options));
        var again = await ListAsync(executor.MapOutcomes([4, 3, 2, 7, 1], Mark, options));
        again.Select(static outcome => outcome.Index).ShouldBe([0, 1, 2, 3, 4]);
        again.Select(static outcome => outcome.Input).ShouldBe([4, 3, 2, 7, 1]);
        first[1].Error.ShouldBeOfType<FormatException>();
        again[2].Error.ShouldBeOfType<FormatException>();
        again[0].Value.ShouldBe(first[3].Value);
        again[1].Value.ShouldBe(first[2].Value);
        again[4].Value.ShouldBe(first[0].Value);
        again[3].Value.ShouldStartWith("7 ");
        options.Cache.GetStatistics().Hits.ShouldBe(3);

        static string Mark(int item) => item == 2 ? throw new FormatException("two") : $"{item} {Guid.NewGuid()}";
    }

    [Promise]
    public async Task An_unordered_map_returns_each_item_once_whether_it_is_kept_or_not()
    {
        await using var executor = Build(workers: 2);
        var options = new MapOptions { Cache = new MemoryCache(), Ordered = false };
        await ListAsync(executor.Map(Enumerable.Range(0, 50).Where(static item => item % 2 == 0), static item => item + 1, options));
        var results = await ListAsync(executor.Map(Enumerable.Range(0, 50), static item => item + 1, options));
        results.Order().ShouldBe(Enumerable.Range(1, 50));
    }

    [Promise]
    public async Task ForEachAsync_refuses_a_cache()
    {
        await using var executor = Build();
        Should.Throw<ArgumentException>(() => { _ = executor.ForEachAsync([1], static _ => { }, new() { Cache = new MemoryCache() }); })
            .Message.ShouldStartWith("ForEachAsync has no results that a cache could keep. Use Map, or leave MapOptions.Cache null.");
        executor.GetStatistics().Submitted.ShouldBe(0);
    }

    private sealed class MemoryCache : ResultCache
    {
        private readonly ConcurrentDictionary<ResultCacheKey, byte[]> _stored = new();

        public bool IsEmpty => _stored.IsEmpty;

        public override bool TryGet(ResultCacheKey key, [NotNullWhen(true)] out byte[]? result) => _stored.TryGetValue(key, out result);

        public override void Set(ResultCacheKey key, string name, ReadOnlySpan<byte> result) => _stored[key] = result.ToArray();

        public override bool Remove(ResultCacheKey key) => _stored.TryRemove(key, out _);
    }
}
