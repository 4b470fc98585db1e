using System.Reflection;
using System.Runtime.InteropServices;
using Samovar.Primitives;

namespace Samovar.Tests.Child;

/// <summary>Programs that exit while an executor of theirs has work. Each prints the id of its worker, and returns.</summary>
internal static class EndCommands
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

    /// <summary>Starts a child that tidies up on request, holds a named lock, and waits; with a handler of its own it returns when that is called.</summary>
    public static int AwaitSignal(string handler, string name)
    {
        using var asked = new ManualResetEventSlim();
        using var own = handler == "nothing" ? null : PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            Console.WriteLine("own handler");
            signal.Cancel = true;
            asked.Set();
        });
        using var named = new Ipc.ProcessLock(name);
        using var begun = new ManualResetEventSlim();
        ChildProcess.Start(TidyUp, new()
        {
            IsBackground = true,
            OutputReceived = line =>
            {
                if (line.Text == "begun") begun.Set();
                else Console.WriteLine(line.Text);
            },
        });
        begun.Wait();
        Console.WriteLine("waiting");
        asked.Wait();
        return ExitCode;
    }

    /// <summary>Asks for something to be done at its end when there is no descriptor to catch signals with, and again when there is.</summary>
    public static int AwaitSignalAfterShortage()
    {
        foreach (var needed in typeof(ProcessWorker).Assembly.GetReferencedAssemblies()) Assembly.Load(needed);
        Shortage.LeaveExactly(1); // catching signals takes a pipe, which has two; a library that is loaded meanwhile takes one
        try
        {
            OrderlyEnd.Do(static () => Console.WriteLine("first"));
        }
        finally
        {
            Shortage.GiveDescriptors();
        }

        OrderlyEnd.Do(static () => Console.WriteLine("second"));
        Console.WriteLine("waiting"); // not before: the console has the runtime catch signals
        Thread.CurrentThread.Join();
        return ExitCode;
    }

    private static void TidyUp(CancellationToken token)
    {
        try
        {
            Console.WriteLine("begun");
            token.WaitHandle.WaitOne();
        }
        finally
        {
            Console.WriteLine("tidied up");
        }
    }

    private static void Tell(ProcessExecutor pool)
    {
        try
        {
            Console.WriteLine($"at the end: {pool.Submit(static () => 40 + 2).Result}");
        }
        catch (Exception error)
        {
            Console.WriteLine($"at the end: {error.GetType().Name}: {error.Message.ReplaceLineEndings(" ")}"); // read by the test
        }
    }

    private sealed class Told(ManualResetEventSlim begun) : IProgress<TaskProgress>
    {
        public void Report(TaskProgress value) => begun.Set();
    }
}
