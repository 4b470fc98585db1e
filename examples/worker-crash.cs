#:project ../src/Samovar/Samovar.csproj
#:property PublishAot=false

using Samovar;

// A worker dies in the middle of its work. That task fails and says how; everything else goes on.
await using var pool = new ProcessExecutor(new() { Workers = 2, Output = WorkerOutput.Discard });

var cups = Enumerable.Range(1, 6).Select(Brewing.Start(pool)).ToList();
foreach (var cup in cups)
{
    try
    {
        Console.WriteLine(await cup);
    }
    catch (WorkerCrashedException crash)
    {
        Console.WriteLine($"task {crash.TaskId} ended its process {crash.ProcessId} with exit code {crash.ExitCode}: {crash.ErrorOutput}");
    }
}

internal static class Brewing
{
    public static Func<int, Future<string>> Start(Executor executor) => number => executor.Submit(() => Brew(number));

    private static string Brew(int number)
    {
        if (number == 4)
        {
            Console.Error.WriteLine("the pot has burst");
            Environment.Exit(3); // or a segmentation fault in a native library, or the kernel's out-of-memory killer
        }

        return $"cup {number}";
    }
}
