#:project ../../src/Samovar/Samovar.csproj
#:property PublishAot=false

// A process for each job, or a pool: what starting costs, what waiting costs, and many tiny tasks: a million, or as many as the argument says.

using System.Diagnostics;
using Samovar;

int tiny = args is [var count] ? int.Parse(count) : 1_000_000;
int cores = Environment.ProcessorCount;
await using var pool = new ProcessExecutor(new() { Workers = cores });
await pool.ForEachAsync(Enumerable.Range(0, cores * 4), static _ => Thread.Sleep(10)); // starts the workers

Console.WriteLine("Eight jobs of next to no work:");
await MeasureAsync("a process for each", () => JoinAllAsync(Enumerable.Range(0, 8).Select(static n => ChildProcess.Start(() => n * n))));
await MeasureAsync("a pool", () => pool.ForEachAsync(Enumerable.Range(0, 8), static n => Math.Sqrt(n)));

Console.WriteLine("Eight jobs that wait 300 ms for a disk or a network:");
await MeasureAsync("a process for each", () => JoinAllAsync(Enumerable.Range(0, 8).Select(static _ => ChildProcess.Start(static () => Thread.Sleep(300)))));
await MeasureAsync($"a pool of {cores}", () => pool.ForEachAsync(Enumerable.Range(0, 8), static _ => Thread.Sleep(300), new() { BatchSize = 1 }));
await using (var wide = new ProcessExecutor(new() { Workers = 8 }))
{
    await MeasureAsync("a pool of 8, started for it", () => wide.ForEachAsync(Enumerable.Range(0, 8), static _ => Thread.Sleep(300), new() { BatchSize = 1 }));
}

Console.WriteLine($"{tiny:N0} tiny tasks:");
await MeasureAsync("a pool", () => pool.ForEachAsync(Enumerable.Range(0, tiny), static n => Math.Sqrt(n)));
Console.WriteLine($"    a process for each would take about {await CostAsync(Math.Clamp(tiny / 50_000, 1, 20)) * tiny / 3600 / cores:0} hours");

static async Task JoinAllAsync(IEnumerable<ChildProcess> children)
{
    foreach (var child in children.ToList()) await child.JoinAsync();
}

static async Task<double> CostAsync(int processes)
{
    long start = Stopwatch.GetTimestamp();
    for (int i = 0; i < processes; i++) await ChildProcess.Start(static () => 1).JoinAsync();
    return Stopwatch.GetElapsedTime(start).TotalSeconds / processes;
}

static async Task MeasureAsync(string way, Func<Task> work)
{
    long start = Stopwatch.GetTimestamp();
    await work();
    Console.WriteLine($"    {way}: {Stopwatch.GetElapsedTime(start).TotalMilliseconds:0.0} ms");
}
