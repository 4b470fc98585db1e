using BenchmarkDotNet.Attributes;

namespace Samovar.Benchmarks;

/// <summary>P11: ten thousand futures taken in the order in which they end; the time is per future, submitting excluded.</summary>
[BenchmarkCategory("P11")]
public class AsCompletedBenchmarks
{
    private const int Count = 10_000;
    private readonly Task[] _tasks = new Task[Count];
    private readonly Future[] _futures = new Future[Count];
    private readonly ManualResetEventSlim _gate = new();
    private ThreadExecutor _threads = null!;

    [GlobalSetup]
    public void Start() => _threads = new ThreadExecutor();

    [GlobalCleanup]
    public async Task StopAsync()
    {
        await _threads.DisposeAsync();
        _gate.Dispose();
    }

    [IterationSetup(Target = nameof(WhenEach))]
    public void StartTasks()
    {
        for (int i = 0; i < Count; i++) _tasks[i] = Task.Run(static () => { });
    }

    [IterationSetup(Target = nameof(AsCompleted))]
    public void SubmitFutures()
    {
        for (int i = 0; i < Count; i++) _futures[i] = _threads.Submit(static () => { });
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Count, Description = "Task.WhenEach")]
    public async Task<int> WhenEach()
    {
        int seen = 0;
        await foreach (var task in Task.WhenEach(_tasks)) seen += task.IsCompleted ? 1 : 0;
        return seen;
    }

    [Benchmark(OperationsPerInvoke = Count, Description = "Futures.AsCompleted")]
    public async Task<int> AsCompleted()
    {
        int seen = 0;
        await foreach (var future in Futures.AsCompleted(_futures)) seen += future.IsCompleted ? 1 : 0;
        return seen;
    }
}
