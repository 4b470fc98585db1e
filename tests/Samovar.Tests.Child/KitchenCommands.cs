namespace Samovar.Tests.Child;

/// <summary>A program with two busy workers, to be killed: what its workers were doing is then looked up.</summary>
internal static class KitchenCommands
{
    /// <summary>Runs three short tasks, one of which fails, and then two that do not end. Prints a line with the workers' ids, and waits to be
    /// killed.</summary>
    public static int HoldKitchen()
    {
        var pool = new ProcessExecutor(new() { Name = "kitchen", Workers = 2, Output = WorkerOutput.Discard });
        using var begun = new CountdownEvent(2);
        pool.StartWorkersAsync().GetAwaiter().GetResult();
        pool.Submit(static () => Pour(1)).AsTask().GetAwaiter().GetResult();
        pool.Submit(static () => Pour(2)).AsTask().GetAwaiter().GetResult();
        pool.Submit(static () => Pour(0), new() { Name = "empty cup" }).AsTask().ContinueWith(static _ => { }, TaskScheduler.Default).GetAwaiter().GetResult();
        var tea = pool.Submit(static () => Brew(), new() { Name = "tea", Progress = new Signal(begun) });
        var milk = pool.Submit(static () => Brew(), new() { Name = "milk", Progress = new Signal(begun) });
        begun.Wait();
        Console.WriteLine($"{tea.Worker!.ProcessId} {milk.Worker!.ProcessId}");
        Thread.CurrentThread.Join();
        GC.KeepAlive(pool); // a pool without references stops its workers
        return 0;
    }

    private static int Pour(int cups) => 12 / cups;

    private static void Brew()
    {
        TaskContext.Current!.Report(1);
        Thread.CurrentThread.Join();
    }

    private sealed class Signal(CountdownEvent begun) : IProgress<TaskProgress>
    {
        public void Report(TaskProgress value) => begun.Signal();
    }
}
