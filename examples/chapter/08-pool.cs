#:project ../../src/Samovar/Samovar.csproj
#:property PublishAot=false

// Eight jobs on a pool of two processes: first come, first served. A unit of time is a tenth of a second.

using Samovar;

const int Unit = 100; // ms
(string Name, int Units)[] jobs = [("a", 2), ("b", 4), ("c", 6), ("d", 8), ("e", 1), ("f", 3), ("g", 5), ("h", 7)];

await using var pool = new ProcessExecutor(new() { Workers = 2 });
await pool.ForEachAsync(Enumerable.Range(0, 8), static _ => Thread.Sleep(20)); // both workers are up

var futures = jobs.Select(job => Submit(pool, job.Name, job.Units)).ToList();
await foreach (var done in Futures.AsCompleted(futures)) Console.WriteLine($"job {await done} is done");

var start = futures.Min(static f => f.StartedAt!.Value);
Console.WriteLine();
foreach (var worker in futures.GroupBy(static f => f.Worker!.ProcessId).OrderBy(static w => w.Min(static f => f.StartedAt)))
{
    char[] line = new string(' ', 24).ToCharArray();
    foreach (var future in worker)
    {
        int from = UnitsSinceStart(future.StartedAt!.Value);
        Array.Fill(line, future.Name![0], from, Math.Max(1, UnitsSinceStart(future.FinishedAt!.Value) - from));
    }

    Console.WriteLine($"process {worker.Key,7} |{new string(line)}|");
}

Console.WriteLine($"{"",15} |{string.Concat(Enumerable.Range(0, 24).Select(static u => u % 4 == 0 ? '\'' : ' '))}| {jobs.Sum(static j => j.Units)} units of work");

int UnitsSinceStart(DateTimeOffset time) => Math.Clamp((int)Math.Round((time - start).TotalMilliseconds / Unit), 0, 23);

static Future<string> Submit(Executor pool, string name, int units) =>
    pool.Submit(
        () =>
        {
            Thread.Sleep(units * Unit);
            return name;
        },
        new() { Name = name });
