using System.Collections.Concurrent;
using BenchmarkDotNet.Attributes;

namespace Samovar.Benchmarks;

/// <summary>P10: one task at a time, from submitting it to its result. Each runs on another thread. <c>Task.Run</c> is not comparable here: a pool
/// thread that awaits its queued work item runs it itself.</summary>
[BenchmarkCategory("P10")]
public class RoundTripBenchmarks
{
    private const int Trips = 2_000;
    private readonly BlockingCollection<TaskCompletionSource<int>> _queue = [];
    private ThreadExecutor _threads = null!;
    private Thread _consumer = null!;

    [GlobalSetup]
    public void Start()
    {
        _threads = new ThreadExecutor(new() { Workers = 1 });
        _consumer = new Thread(() =>
        {
            foreach (var request in _queue.GetConsumingEnumerable()) request.SetResult(1);
        });
        _consumer.Start();
    }

    [GlobalCleanup]
    public async Task StopAsync()
    {
        await _threads.DisposeAsync();
        _queue.CompleteAdding();
        _consumer.Join();
        _queue.Dispose();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Trips, Description = "thread, BlockingCollection, TaskCompletionSource")]
    public async Task<int> ByHand()
    {
        int sum = 0;
        for (int i = 0; i < Trips; i++)
        {
            var request = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
            _queue.Add(request);
            sum += await request.Task;
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
