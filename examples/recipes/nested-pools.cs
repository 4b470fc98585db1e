#:project ../../src/Samovar/Samovar.csproj
#:property PublishAot=false

// A pool inside a pool's worker, and a task that waits for tasks of its own pool.

using Samovar;

await using var outer = new ProcessExecutor(new() { Workers = 2, Environment = new Dictionary<string, string?> { ["KITCHEN"] = "east" } });

var trees = await outer.Map(Enumerable.Range(1, 2), CountBelowAsync, new() { BatchSize = 1 }).ToListAsync();
foreach (string tree in trees) Console.WriteLine(tree);

await using var threads = new ThreadExecutor(new() { Workers = 2 });
Console.WriteLine($"{await threads.Submit(() => Sum(1, 1_000))}, though each half waits for its own two threads");

static async Task<string> CountBelowAsync(int part)
{
    await using var inner = new ProcessExecutor(new() { Workers = 2 });  // ends with the task
    var ids = await inner.Map(Enumerable.Range(0, 8), static _ => Environment.ProcessId, new() { BatchSize = 1 }).Distinct().CountAsync();
    return $"part {part}: a worker with {ids} worker{(ids == 1 ? "" : "s")} below it, in the {Environment.GetEnvironmentVariable("KITCHEN")}";
}

int Sum(int from, int to)
{
    if (to - from < 100) return Enumerable.Range(from, to - from + 1).Sum();
    int middle = (from + to) / 2;
    var upper = threads.Submit(() => Sum(middle + 1, to));
    return Sum(from, middle) + upper.Result;                             // a waiting task lends its thread
}
