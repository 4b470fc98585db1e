using BenchmarkDotNet.Attributes;

namespace Samovar.Benchmarks;

/// <summary>P11: ten thousand no-op tasks, submitted and taken as they complete; time and memory are per task.</summary>
[BenchmarkCategory("P11")]
public class AsCompletedBenchmarks
{
    private const int Count = 10_000;
    private ThreadExecutor _threads = null!;

    [GlobalSetup]
    public void Start() => _threads = new ThreadExecutor();

    [GlobalCleanup]
    public async Task StopAsync() => await _threads.DisposeAsync();

    [Benchmark(Baseline = true, OperationsPerInvoke = Count, Description = "Task.Run, Task.WhenEach")]
    public async Task<int> WhenEach()
    {
        var tasks = new Task[Count];
        for (int i = 0; i < Count; i++) tasks[i] = Task.Run(static () => { });
        int seen = 0;
        await foreach (var task in Task.WhenEach(tasks)) seen += task.IsCompleted ? 1 : 0;
        return seen;
    }

    [Benchmark(OperationsPerInvoke = Count, Description = "Submit, Futures.AsCompleted")]
    public async Task<int> AsCompleted()
    {
        var futures = new Future[Count];
        for (int i = 0; i < Count; i++) futures[i] = _threads.Submit(static () => { });
        int seen = 0;
        await foreach (var future in Futures.AsCompleted(futures)) seen += future.IsCompleted ? 1 : 0;
        return seen;
    }
}
