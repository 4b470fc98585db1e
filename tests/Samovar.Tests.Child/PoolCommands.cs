using System.Diagnostics;
using Samovar.Processes.Platform;

namespace Samovar.Tests.Child;

/// <summary>Programs with an executor, to be killed or interrupted.</summary>
internal static class PoolCommands
{
    /// <summary>
    /// Holds a busy worker with a grandchild and an executor of its own, a waiting (or stopped) one with a grandchild, and an idle one.
    /// Prints the ids of all of them in a line, the stopped one's first, and waits to be killed.
    /// </summary>
    public static int Hold(bool stops)
    {
        var pool = new ProcessExecutor(new() { Workers = 3, Output = WorkerOutput.Discard });
        using var begun = new CountdownEvent(2);
        var told = new TaskOptions { Progress = new Told(begun) };
        pool.Submit(
            static () =>
            {
                Process.Start("sleep", ["600"]);
                Kept.Pool = new ProcessExecutor(new() { Workers = 1, Output = WorkerOutput.Discard });
                Kept.Pool.Submit(static () => 1).AsTask().GetAwaiter().GetResult();
                TaskContext.Current!.Report(1);
                new ManualResetEventSlim().Wait();
            },
            told);
        var stopped = pool.Submit(
            static () =>
            {
                Process.Start("sleep", ["600"]);
                TaskContext.Current!.Report(1);
                Thread.CurrentThread.Join();
            },
            told);
        begun.Wait();
        pool.Submit(static () => 1).AsTask().GetAwaiter().GetResult(); // the others are busy: a third worker is started, and idle then

        int first = stopped.Worker!.ProcessId;
        if (stops) _ = LinuxProcessCalls.kill(first, LinuxProcessCalls.SigStop);
        Console.WriteLine(string.Join(' ', LinuxProcessTree.Descendants(Environment.ProcessId).OrderByDescending(id => id == first)));
        Thread.CurrentThread.Join();
        GC.KeepAlive(pool); // a pool without references stops its workers
        return 0;
    }

    /// <summary>
    /// Runs one task that heeds its token and one that heeds nothing, prints the ids of their workers, and at Ctrl-C ends both in its
    /// own way; without a handler of its own it leaves that to the runtime.
    /// </summary>
    public static int AwaitInterrupt(bool handles)
    {
        using var asked = new ManualResetEventSlim();
        if (handles)
        {
            Console.CancelKeyPress += (_, press) =>
            {
                press.Cancel = true;
                asked.Set();
            };
        }

        var pool = new ProcessExecutor(new() { Workers = 2 });
        using var begun = new CountdownEvent(2);
        var told = new TaskOptions { Progress = new Told(begun) };
        var heeds = pool.Submit(
            static token =>
            {
                TaskContext.Current!.Report(1);
                token.WaitHandle.WaitOne();
                token.ThrowIfCancellationRequested();
            },
            told);
        var heedsNot = pool.Submit(
            static () =>
            {
                TaskContext.Current!.Report(1);
                Thread.CurrentThread.Join();
            },
            told);
        begun.Wait();
        Console.WriteLine($"{heeds.Worker!.ProcessId} {heedsNot.Worker!.ProcessId}");

        asked.Wait();
        pool.ShutdownAsync(ShutdownMode.Kill, TimeSpan.FromMilliseconds(100)).GetAwaiter().GetResult();
        Console.WriteLine($"ended: {heeds.State} {heedsNot.State}");
        return 5;
    }

    private static class Kept
    {
        public static ProcessExecutor? Pool { get; set; }
    }

    private sealed class Told(CountdownEvent begun) : IProgress<TaskProgress>
    {
        public void Report(TaskProgress value) => begun.Signal();
    }
}
