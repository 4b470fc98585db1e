using BenchmarkDotNet.Attributes;

namespace Samovar.Benchmarks;

/// <summary>P10: no-op tasks submitted one by one, until all have run; time and memory are per task.</summary>
[BenchmarkCategory("P10")]
public class SubmitBenchmarks
{
    private const int Tasks = 200_000;
    private ThreadExecutor _threads = null!;

    [GlobalSetup]
    public void Start() => _threads = new ThreadExecutor();

    [GlobalCleanup]
    public async Task StopAsync() => await _threads.DisposeAsync();

    [Benchmark(Baseline = true, OperationsPerInvoke = Tasks, Description = "Task.Run")]
    public async Task TaskRun()
    {
        var all = new Task[Tasks];
        for (int i = 0; i < all.Length; i++) all[i] = Task.Run(static () => { });
        await Task.WhenAll(all);
    }

    [Benchmark(OperationsPerInvoke = Tasks, Description = "ThreadExecutor.Submit")]
    public async Task Submit()
    {
        var all = new Future[Tasks];
        for (int i = 0; i < all.Length; i++) all[i] = _threads.Submit(static () => { });
        await _threads.DrainAsync();
    }

    [Benchmark(OperationsPerInvoke = Tasks, Description = "UnsafeQueueUserWorkItem (limit)")]
    public void QueueUserWorkItem()
    {
        using var done = new CountdownEvent(Tasks);
        for (int i = 0; i < Tasks; i++) ThreadPool.UnsafeQueueUserWorkItem(static counter => counter.Signal(), done, preferLocal: false);
        done.Wait();
    }
}
