using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using Samovar.Ipc;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Platform.Portable;
using Samovar.Processes.Platform;

namespace Samovar.Tests.Child;

/// <summary>What an executor says to bad surroundings: a line with the outcome of its first submit, and one with what is left.</summary>
internal static class ShortageCommands
{
    private static readonly TimeSpan s_startTimeout = TimeSpan.FromSeconds(30);

    public static int Run(string[] arguments)
    {
        // What is loaded once is loaded; only then does the shortage meet the executor alone. And these threads stay for a while.
        ThreadPool.SetMinThreads(8, 8);
        using (var all = new Barrier(8))
        {
            Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(all.SignalAndWait))).GetAwaiter().GetResult();
        }

        if (arguments is ["processes-first"]) return AtFirst();
        Tell(Submit(once: true));
        switch (arguments)
        {
            case ["descriptors", var most]:
                for (int count = 0; count <= int.Parse(most, CultureInfo.InvariantCulture); count++)
                {
                    Shortage.LeaveDescriptors(count);
                    string outcome = Submit();
                    Shortage.GiveDescriptors();
                    Tell(outcome);
                }

                return 0;
            case ["files"]:
                Shortage.LimitFiles();
                break;
            case ["memory"]:
                Shortage.LimitMemory();
                break;
            case ["processes"]:
                Shortage.LimitProcesses();
                break;
            case ["processes-later"]:
                return WithoutReplacement();
            case ["call", var name]:
                Shortage.Without(name);
                break;
            case ["mount", ..]:
                Shortage.Mount(arguments[1..]);
                break;
        }

        Tell(Submit());
        return 0;
    }

    /// <summary>Makes shared objects and channels when no descriptor is left, before this process has made any, and then again.</summary>
    public static int UseFirst()
    {
        foreach (var needed in typeof(ProcessWorker).Assembly.GetReferencedAssemblies()) Assembly.Load(needed);
        var portable = new PortableChannelPlatform();
        _ = RandomNumberGenerator.GetBytes(1); // which loads the system's library
        using (Process.GetCurrentProcess()) { } // and this what those references refer to: a library that cannot be loaded once never is
        Console.WriteLine("begun"); // the console has descriptors of its own
        foreach (Action use in (Action[])[() => _ = ProcessIdentity.Own, () => portable.CreateSegment(4096).Dispose(), static () => new ProcessLock().Dispose()])
        {
            Shortage.LeaveExactly(0);
            string early = Try(use);
            Shortage.GiveDescriptors();
            Console.WriteLine($"{early} / {Try(use)}");
        }

        return 0;

        static string Try(Action use)
        {
            try
            {
                use();
                return "done";
            }
            catch (Exception error)
            {
                return error.GetType().Name; // returned to the test
            }
        }
    }

    /// <summary>Kills the tree of a process when no descriptor is left.</summary>
    public static int KillTree()
    {
        Console.WriteLine(Kill(static () => { })); // what is loaded once is loaded
        Console.WriteLine(Kill(static () => Shortage.LeaveExactly(0)));
        return 0;

        static string Kill(Action before)
        {
            using var begun = new ManualResetEventSlim();
            var child = ChildProcess.Start(
                static () =>
                {
                    Console.WriteLine("begun");
                    Thread.CurrentThread.Join();
                },
                new() { OutputReceived = _ => begun.Set() });
            begun.Wait();
            string outcome = "killed";
            before();
            try
            {
                LinuxProcessTree.Kill(child.Id, LinuxProcessMark.None);
            }
            catch (Exception error)
            {
                outcome = Describe(error); // returned to the test
            }
            finally
            {
                Shortage.GiveDescriptors();
            }

            if (outcome != "killed") child.Kill();
            child.Exited.GetAwaiter().GetResult();
            return $"{outcome} {child.ExitCode}";
        }
    }

    /// <summary>No thread can be started before the first executor and the first child are made.</summary>
    private static int AtFirst()
    {
        foreach (var needed in typeof(ProcessWorker).Assembly.GetReferencedAssemblies()) Assembly.Load(needed);
        Tell("begun"); // the console has a thread of its own
        Shortage.LimitProcesses();
        Tell(Submit());
        string outcome;
        try
        {
            outcome = ChildProcess.Start(static () => { }).Name;
        }
        catch (Exception error)
        {
            outcome = Describe(error); // returned to the test
        }

        Tell(outcome);
        return 0;
    }

    /// <summary>A worker dies when no process can be started any more.</summary>
    private static int WithoutReplacement()
    {
        var pool = Pool(keepsPostMortem: false); // this program becomes another user, which may not delete the file
        pool.Submit(static () => 1).AsTask().GetAwaiter().GetResult();
        Shortage.LimitProcesses();
        var doomed = pool.Submit(static () => Environment.Exit(3));
        var waiting = pool.Submit(static () => 1);
        string outcome = $"{Outcome(doomed)} / {Outcome(waiting)}";
        pool.DisposeAsync().AsTask().GetAwaiter().GetResult();
        Tell(outcome);
        return 0;
    }

    private static ProcessExecutor Pool(bool keepsPostMortem = true) => new(new()
    {
        Name = "short",
        Workers = 1,
        Output = WorkerOutput.Discard,
        StartTimeout = s_startTimeout,
        TimeProvider = new HastyTime(),
        KeepsPostMortem = keepsPostMortem,
    });

    private static string Submit(bool once = false)
    {
        var pool = Pool();
        string outcome;
        try
        {
            outcome = Outcome(once ? pool.Submit(static () => 0) : pool.Submit(static () => 1));
        }
        catch (Exception error)
        {
            outcome = Describe(error); // returned to the test
        }

        pool.DisposeAsync().AsTask().GetAwaiter().GetResult();
        return outcome;
    }

    private static string Outcome(Future future)
    {
        try
        {
            future.AsTask().GetAwaiter().GetResult();
            return "done";
        }
        catch (Exception error)
        {
            return Describe(error); // returned to the test
        }
    }

    private static string Describe(Exception error) => $"{error.GetType().Name}: {error.Message.ReplaceLineEndings(" ")}";

    private static void Tell(string outcome)
    {
        int memory = Directory.GetFileSystemEntries("/proc/self/fd").Count(static d => (new FileInfo(d).LinkTarget ?? "").Contains("samovar", StringComparison.Ordinal));
        Console.WriteLine($"{outcome} | left: {LinuxProcessTree.Descendants(Environment.ProcessId).Count} processes, {memory} segments");
    }
}
