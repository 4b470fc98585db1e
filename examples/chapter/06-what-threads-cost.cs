#:project ../../src/Samovar/Samovar.csproj
#:property PublishAot=false

// Small jobs: a thread for each, and a pool of as many threads as there are processors. The argument is the number of jobs, by default 10,000.

using System.Diagnostics;
using Samovar;

int jobs = args is [var count] ? int.Parse(count) : 10_000;

Measure("a thread for each", () =>
{
    using var all = new ManualResetEventSlim();
    var threads = new List<Thread>();
    try
    {
        for (int i = 0; i < jobs; i++)
        {
            var thread = new Thread(() =>
            {
                all.Wait();
                Work();
            });
            thread.Start();
            threads.Add(thread);
        }
    }
    catch (OutOfMemoryException)
    {
        Console.WriteLine($"    at most {threads.Count:N0} threads are available here");
    }

    long memory = Environment.WorkingSet;
    all.Set();
    foreach (var thread in threads) thread.Join();
    return memory;
});

await using var pool = new ThreadExecutor(new() { Workers = Environment.ProcessorCount });
Measure($"a pool of {pool.GetStatistics().Workers}", () =>
{
    var futures = Enumerable.Range(0, jobs).Select(_ => pool.Submit(Work)).ToList();
    long memory = Environment.WorkingSet;
    foreach (var future in futures) future.Wait();
    return memory;
});

static void Work() => Thread.SpinWait(100);

static void Measure(string way, Func<long> work)
{
    long before = Environment.WorkingSet;
    long start = Stopwatch.GetTimestamp();
    long during = work();
    Console.WriteLine($"{way}: {Stopwatch.GetElapsedTime(start).TotalMilliseconds:N0} ms, {Math.Max(0, during - before) / (1024.0 * 1024):N1} MiB more");
}
