#:project ../src/Samovar/Samovar.csproj
#:property PublishAot=false

using Samovar;

await using var pool = new ProcessExecutor(new() { Workers = 2 });

var doomed = pool.Submit(() => Environment.FailFast("out of tea"), new() { Name = "brew" });   // takes its process down
var others = Enumerable.Range(1, 10).Select(n => pool.Submit(() => n * n)).ToList();
try
{
    await doomed;
}
catch (WorkerCrashedException error)
{
    Console.WriteLine($"task {error.TaskId} '{error.TaskName}', attempt {error.Attempt}");
    Console.WriteLine($"process {error.ProcessId}: signal {error.Signal}, exit code {error.ExitCode}");
    if (error.PeakMemory > 0) Console.WriteLine($"it had used {error.PeakMemory / (1024 * 1024)} MiB");   // 0: not known
}

await Futures.WaitAsync(others);
Console.WriteLine($"the others: {string.Join(' ', others.Select(other => other.Result))}");   // none was lost
