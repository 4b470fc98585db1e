using BenchmarkDotNet.Attributes;

namespace Samovar.Benchmarks;

/// <summary>P10: one task at a time, from the submit to the result at its awaiter; each crosses to another thread and back.</summary>
[BenchmarkCategory("P10")]
public class RoundTripBenchmarks
{
    private const int Trips = 2_000;
    private ThreadExecutor _threads = null!;

    [GlobalSetup]
    public void Start() => _threads = new ThreadExecutor(new() { Workers = 1 });

    [GlobalCleanup]
    public async Task StopAsync() => await _threads.DisposeAsync();

    /// <summary>Queued globally: what a pool thread queues for itself it may run itself, and then nothing crosses.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Trips, Description = "await Task on another pool thread")]
    public async Task<int> TaskElsewhere()
    {
        int sum = 0;
        for (int i = 0; i < Trips; i++)
        {
            sum += await Task.Factory.StartNew(
                static () => 1, CancellationToken.None, TaskCreationOptions.PreferFairness, TaskScheduler.Default);
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Trips, Description = "await Submit")]
    public async Task<int> AwaitSubmit()
    {
        int sum = 0;
        for (int i = 0; i < Trips; i++) sum += await _threads.Submit(static () => 1);
        return sum;
    }

    [Benchmark(OperationsPerInvoke = Trips, Description = "Submit(...).Result")]
    public int WaitSubmit()
    {
        int sum = 0;
        for (int i = 0; i < Trips; i++) sum += _threads.Submit(static () => 1).Result;
        return sum;
    }
}
