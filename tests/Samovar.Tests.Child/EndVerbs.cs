namespace Samovar.Tests.Child;

/// <summary>Programs that end while an executor of theirs has work. Each prints the id of its worker, and returns.</summary>
internal static class EndVerbs
{
    private const int ExitCode = 6;

    public static int Run(string how)
    {
        var pool = new ProcessExecutor(new() { Name = "left", Workers = 1, Output = WorkerOutput.Discard, CancellationGrace = TimeSpan.FromMilliseconds(100) });
        using var begun = new ManualResetEventSlim();
        var running = pool.Submit(
            static () =>
            {
                TaskContext.Current!.Report(1);
                Thread.CurrentThread.Join();
            },
            new() { Progress = new Told(begun) });
        for (int i = 0; i < 20; i++) pool.Submit(static () => 1);
        begun.Wait();
        Console.WriteLine(running.Worker!.ProcessId);
        switch (how)
        {
            case "drain":
                _ = pool.ShutdownAsync();
                break;
            case "kill":
                _ = pool.ShutdownAsync(ShutdownMode.Kill, TimeSpan.FromMinutes(10));
                break;
            case "submit":
                AppDomain.CurrentDomain.ProcessExit += (_, _) =>
                {
                    running.Cancel(); // the only worker is to be free
                    Tell(pool);
                };
                break;
            case "submit-late":
                running.Cancel();
                pool.DisposeAsync().AsTask().GetAwaiter().GetResult();
                AppDomain.CurrentDomain.ProcessExit += (_, _) => Tell(pool);
                break;
        }

        return ExitCode;
    }

    private static void Tell(ProcessExecutor pool)
    {
        try
        {
            Console.WriteLine($"at the end: {pool.Submit(static () => 40 + 2).Result}");
        }
        catch (Exception error)
        {
            Console.WriteLine($"at the end: {error.GetType().Name}: {error.Message.ReplaceLineEndings(" ")}"); // told to the test
        }
    }

    private sealed class Told(ManualResetEventSlim begun) : IProgress<TaskProgress>
    {
        public void Report(TaskProgress value) => begun.Set();
    }
}
