#:project ../src/Samovar/Samovar.csproj
#:property PublishAot=false

// Measures the cost of common operations on this machine. For an optimized build: dotnet run -c Release examples/costs.cs
// With the argument 10, does a tenth of the work and measures less exactly.

using System.Diagnostics;
using Samovar;
using Samovar.Ipc;

int percent = args is [var share] ? int.Parse(share) : 100;
await using var threads = new ThreadExecutor(new() { Workers = 1 });
await using var processes = new ProcessExecutor(new() { Workers = 1 });
await using var loop = new EventLoop();

Console.WriteLine("To start");
await MeasureAsync("a thread of one's own, to its end", 300, Sequentially(static () => { var thread = new Thread(static () => { }); thread.Start(); thread.Join(); }));
await MeasureAsync("a process of one's own, to its result", 8, static async n =>
{
    for (int i = 0; i < n; i++) await ChildProcess.Start(static () => 1).JoinAsync();
});
await MeasureAsync("a pool of processes, to its first result", 3, static async n =>
{
    for (int i = 0; i < n; i++)
    {
        await using var pool = new ProcessExecutor(new() { Workers = 1 });
        await pool.Submit(static () => 1);
    }
});

Console.WriteLine("To hand over a task and have its result, one after the other");
await MeasureAsync("Task.Run", 20_000, static async n => { for (int i = 0; i < n; i++) await Task.Run(static () => 1); });
await MeasureAsync("a pool of threads", 20_000, n => AwaitEachAsync(threads, n));
await MeasureAsync("an event loop", 20_000, n => AwaitEachAsync(loop, n));
await MeasureAsync("a pool of processes", 5_000, n => AwaitEachAsync(processes, n));

Console.WriteLine("An item of a map, of many");
await MeasureAsync("on threads", 100_000, async n => await threads.Map(Enumerable.Range(0, n), static i => i).CountAsync());
await MeasureAsync("in processes", 400_000, async n => await processes.Map(Enumerable.Range(0, n), static i => i).CountAsync());

Console.WriteLine("A number through a queue to another process, many under way");
await SendAsync();

Console.WriteLine("Memory of one that waits");
ShowBytes("a thread", MemoryOfThread(Share(400)));
ShowBytes("a process", await ChildProcess.Start(static () => Environment.WorkingSet).JoinAsync());
ShowBytes("a coroutine that sleeps on a loop", await EventLoop.RunAsync(() => MemoryOfSleeperAsync(Share(10_000)), new() { VirtualTime = true }));

static Func<int, Task> Sequentially(Action one) => n =>
{
    for (int i = 0; i < n; i++) one();
    return Task.CompletedTask;
};

static async Task AwaitEachAsync(Executor executor, int times)
{
    for (int i = 0; i < times; i++) await executor.Submit(static () => 1);
}

async Task SendAsync()
{
    using var queue = new ProcessQueue<int>(capacity: 1 << 16);
    var taker = ChildProcess.Start(() =>
    {
        int[] some = new int[4096];
        while (queue.TakeMany(some) > 0) { }
    });
    int[] batch = new int[1_000];
    await MeasureAsync("one by one", 200_000, n =>
    {
        for (int i = 0; i < n; i++) queue.Put(i);
        return Task.CompletedTask;
    });
    await MeasureAsync("in batches of 1,000", 1_000_000, n =>
    {
        for (int i = 0; i < n; i += batch.Length) queue.PutMany(batch);
        return Task.CompletedTask;
    });
    queue.Complete();
    await taker.JoinAsync();
}

int Share(int whole) => Math.Max(1, whole * percent / 100);

// The best of five, because other load on the machine only makes runs slower.
async Task MeasureAsync(string what, int whole, Func<int, Task> work)
{
    int times = Share(whole);
    var best = TimeSpan.MaxValue;
    for (int round = 0; round < 5; round++)
    {
        long start = Stopwatch.GetTimestamp();
        await work(times);
        var took = Stopwatch.GetElapsedTime(start);
        if (took < best) best = took;
    }

    double nanoseconds = best.TotalNanoseconds / times;
    Show(what, nanoseconds switch
    {
        < 10 => $"{nanoseconds:0.0} ns",
        < 1e3 => $"{nanoseconds:0} ns",
        < 1e6 => $"{nanoseconds / 1e3:0.0} µs",
        _ => $"{nanoseconds / 1e6:0.0} ms",
    });
}

static long MemoryOfThread(int count)
{
    using var all = new ManualResetEventSlim();
    using var up = new CountdownEvent(count);
    long before = Environment.WorkingSet;
    Thread[] waiting = [.. Enumerable.Range(0, count).Select(_ => new Thread(() =>
    {
        up.Signal();
        all.Wait();
    }))];
    foreach (var thread in waiting) thread.Start();
    up.Wait();
    long during = Environment.WorkingSet;
    all.Set();
    foreach (var thread in waiting) thread.Join();
    return Math.Max(0, during - before) / count;
}

static async Task<long> MemoryOfSleeperAsync(int count)
{
    long before = GC.GetAllocatedBytesForCurrentThread();
    Task[] sleepers = [.. Enumerable.Range(0, count).Select(static async _ => await EventLoop.SleepAsync(TimeSpan.FromHours(1)))];
    long during = GC.GetAllocatedBytesForCurrentThread();
    await Task.WhenAll(sleepers);
    return (during - before) / count;
}

static void ShowBytes(string what, long bytes) => Show(what, bytes switch
{
    < 10_000 => $"{bytes} B",
    < 10_000_000 => $"{bytes / 1024.0:0} KiB",
    _ => $"{bytes / (1024.0 * 1024):0} MiB",
});

static void Show(string what, string figure) => Console.WriteLine($"    {what,-42} {figure,10}");
