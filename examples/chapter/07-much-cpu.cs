#:project ../../src/Samovar/Samovar.csproj
#:property PublishAot=false

// Two hundred million rounds for each core, of four at most: in processes, on threads, and one after another.

using System.Diagnostics;
using Samovar;

const int Rounds = 200_000_000;
int cores = Math.Min(Environment.ProcessorCount, 4);

await MeasureAsync("processes", async () =>
{
    var children = Enumerable.Range(0, cores).Select(_ => ChildProcess.Start(static () => MuchCpu())).ToList();
    foreach (var child in children) await child.JoinAsync();
});
await MeasureAsync("threads", () =>
{
    var threads = Enumerable.Range(0, cores).Select(_ => new Thread(static () => MuchCpu())).ToList();
    foreach (var thread in threads) thread.Start();
    foreach (var thread in threads) thread.Join();
    return Task.CompletedTask;
});
await MeasureAsync("sequential", () =>
{
    for (int i = 0; i < cores; i++) MuchCpu();
    return Task.CompletedTask;
});

static int MuchCpu()
{
    int last = 0;
    for (int i = 0; i < Rounds; i++) last ^= i;
    Console.WriteLine($"    process {Environment.ProcessId} is done");
    return last;
}

async Task MeasureAsync(string way, Func<Task> work)
{
    long start = Stopwatch.GetTimestamp();
    await work();
    Console.WriteLine($"{way}: {cores} x {Rounds:N0} rounds took {Stopwatch.GetElapsedTime(start).TotalSeconds:0.00} s");
}
