using BenchmarkDotNet.Attributes;

namespace Samovar.Benchmarks;

/// <summary>A map over a hundred thousand items; the time is per item. <c>Parallel.ForEachAsync</c>, the framework's
/// closest counterpart, has no results and no order.</summary>
[BenchmarkCategory("Map")]
public class MapBenchmarks
{
    private const int Items = 100_000;
    private ThreadExecutor _threads = null!;

    [GlobalSetup]
    public void Start() => _threads = new ThreadExecutor();

    [GlobalCleanup]
    public async Task StopAsync() => await _threads.DisposeAsync();

    [Benchmark(Baseline = true, OperationsPerInvoke = Items, Description = "Parallel.ForEachAsync (no results)")]
    public Task ParallelForEach() =>
        Parallel.ForEachAsync(Enumerable.Range(0, Items), static (_, _) => ValueTask.CompletedTask);

    [Benchmark(OperationsPerInvoke = Items, Description = "Map, ordered")]
    public async Task<long> Map()
    {
        long sum = 0;
        await foreach (int result in _threads.Map(Enumerable.Range(0, Items), static i => i)) sum += result;
        return sum;
    }

    [Benchmark(OperationsPerInvoke = Items, Description = "MapOutcomes, as completed")]
    public async Task<long> MapOutcomes()
    {
        long sum = 0;
        await foreach (var outcome in _threads.MapOutcomes(Enumerable.Range(0, Items), static i => i, new() { Ordered = false }))
            sum += outcome.Value;
        return sum;
    }

    [Benchmark(OperationsPerInvoke = Items, Description = "ForEachAsync")]
    public Task ForEach() => _threads.ForEachAsync(Enumerable.Range(0, Items), static _ => { });
}
