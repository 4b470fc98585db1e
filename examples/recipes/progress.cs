#:project ../../src/Samovar/Samovar.csproj
#:property PublishAot=false

// Progress of a long task, and of a map.

using Samovar;

await using var pool = new ProcessExecutor(new() { Workers = 2 });

var brewing = pool.Submit(
    static () =>
    {
        for (int cup = 1; cup <= 4; cup++) TaskContext.Current!.Report(cup / 4.0, $"cup {cup}");
    },
    new() { Progress = new Display() });
await brewing;
Console.WriteLine($"last report: {brewing.Progress?.Message}");

string[] files = [.. Directory.EnumerateFiles(AppContext.BaseDirectory)];
int done = 0;
await foreach (var outcome in pool.MapOutcomes(files, static file => new FileInfo(file).Length, new() { Ordered = false }))
{
    done++;
    if (done == files.Length || done % 10 == 0) Console.WriteLine($"{done} of {files.Length} files");
}

var statistics = pool.GetStatistics();
Console.WriteLine($"{statistics.Succeeded} tasks, {statistics.Failed} failed, {statistics.Running} running");

internal sealed class Display : IProgress<TaskProgress>
{
    public void Report(TaskProgress value) => Console.WriteLine($"{value.Fraction:P0} {value.Message}");
}
