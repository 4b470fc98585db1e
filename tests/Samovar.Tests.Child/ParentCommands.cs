using System.Globalization;
using Samovar.Ipc.Channel;
using Samovar.Ipc.Platform;
using Samovar.Processes.Launch;

namespace Samovar.Tests.Child;

internal static class ParentCommands
{
    /// <summary>Starts one worker, says "ready pid", ends it.</summary>
    public static int StartWorker()
    {
        ParentBell bell;
        WorkerChannelSetup worker;
        try
        {
            bell = new ParentBell(ChannelPlatform.Current);
            worker = new WorkerLauncher(bell).LaunchAsync(new WorkerStartOptions { Program = typeof(PeerProgram) }).GetAwaiter().GetResult();
            worker.Wait();
        }
        catch (Exception e)
        {
            Console.WriteLine($"failed {e}");
            return 1;
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ready {worker.Process.Id}"));
        worker.Process.Kill();
        worker.Process.Exited.GetAwaiter().GetResult();
        worker.Dispose();
        bell.Dispose();
        return 0;
    }

    /// <summary>Uses up the descriptors that "ulimit -n" leaves, then starts a worker and prints the error.</summary>
    public static int StartWorkerWithoutDescriptors()
    {
        _ = StartWorker(); // so that no assembly has to be opened any more
        var held = new List<IDisposable>();
        try
        {
            while (true) held.Add(File.OpenHandle("/dev/null"));
        }
        catch (IOException)
        {
            held[^1].Dispose(); // one for the bell: it is the worker's start that is to fail
            return StartWorker();
        }
    }

    /// <summary>Starts a child that outlives this program's Main; a background child would run until it is killed.</summary>
    public static int StartChildAndReturn(bool isBackground)
    {
        var begun = new ManualResetEventSlim(); // lines come after this has returned
        ChildProcess.Start(Linger(isBackground ? Timeout.Infinite : 300), new()
        {
            IsBackground = isBackground,
            OutputReceived = line =>
            {
                Console.WriteLine(line.Text);
                begun.Set();
            },
        });
        begun.Wait();
        Console.WriteLine("main has returned");
        return 0;
    }

    /// <summary>Starts a child that reports to a receiver that never returns, and returns.</summary>
    public static int ReturnWithAStuckReceiver()
    {
        var stuck = new StuckReceiver();
        ChildProcess.Start(Reporting(stuck));
        stuck.Entered.Wait();
        Console.WriteLine("main has returned");
        return 0;

        static Action Reporting(IProgress<int> progress) => () => progress.Report(1);
    }

    private sealed class StuckReceiver : IProgress<int>
    {
        public ManualResetEventSlim Entered { get; } = new();

        public void Report(int value)
        {
            Entered.Set();
            Thread.CurrentThread.Join();
        }
    }

    // Main returns first; no event signals that to a child.
    private static Action Linger(int milliseconds) => () =>
    {
        Console.WriteLine("begun");
        using var later = new ManualResetEventSlim();
        later.Wait(milliseconds);
        Console.WriteLine("child has exited");
    };

    /// <summary>
    /// Starts workers, each with a grandchild and a worker of its own, prints all their ids in a line, waits to be killed.
    /// </summary>
    public static int HoldWorkers(int count)
    {
        var bell = new ParentBell(ChannelPlatform.Current);
        var launcher = new WorkerLauncher(bell);
        var ids = new List<int>();
        for (int i = 0; i < count; i++)
        {
            WorkerChannelSetup worker = launcher.LaunchAsync(new WorkerStartOptions { Program = typeof(PeerProgram) }).GetAwaiter().GetResult();
            worker.Wait();
            ids.Add(worker.Process.Id);
            ids.Add(Ask(worker, PeerTag.StartSleeper));
            ids.Add(Ask(worker, PeerTag.StartWorker));
        }

        Console.WriteLine(string.Join(' ', ids));
        Thread.CurrentThread.Join();
        return 0;

        int Ask(WorkerChannelSetup worker, ushort tag)
        {
            worker.Channel.Work.TryWrite([0], tag);
            worker.Channel.WorkerBell.Ring();
            bell.Sleeper.Wait(() => worker.Channel.Results.HasRecord, TimeSpan.FromSeconds(20));
            worker.Channel.Results.TryRead(out RingMessage answer);
            int id = BitConverter.ToInt32(answer.Payload);
            worker.Channel.Results.Release();
            return id;
        }
    }
}
