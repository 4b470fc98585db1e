// Calls a cached function twice; build/test-packages runs the program twice. Each computation writes a line.

using Samovar;

ProcessWorker.RunIfWorker(args);

using var cache = new DiskResultCache("results");
cache.Failed += static failure => Console.WriteLine(failure.Message);
await using var pool = new ProcessExecutor(new() { Workers = 1 });
var answer = pool.Cached("answer", static (int number) =>
{
    File.AppendAllText("computed", "once\n");
    return 2 * number + 2;
}, cache);

int first = await answer.CallAsync(20), second = await answer.CallAsync(20);
Console.WriteLine($"{first}, {second}, {cache.GetStatistics().Hits} kept, computed {File.ReadAllLines("computed").Length} time");
