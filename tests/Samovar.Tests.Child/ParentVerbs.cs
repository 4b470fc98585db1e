using System.Globalization;
using Samovar.Ipc;
using Samovar.Processes;

namespace Samovar.Tests.Child;

internal static class ParentVerbs
{
    /// <summary>Starts one worker, says "ready pid", ends it.</summary>
    public static int StartWorker()
    {
        using var bell = new ParentBell(ChannelPlatform.Current);
        WorkerConnection worker;
        try
        {
            worker = new WorkerLauncher(bell).LaunchAsync(new WorkerStart { Body = typeof(PeerBody) }).GetAwaiter().GetResult();
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
        return 0;
    }

    /// <summary>Starts workers, each with a grandchild and a worker of its own, prints all their ids in a line, waits to be killed.</summary>
    public static int HoldWorkers(int count)
    {
        var bell = new ParentBell(ChannelPlatform.Current);
        var launcher = new WorkerLauncher(bell);
        var ids = new List<int>();
        for (int i = 0; i < count; i++)
        {
            WorkerConnection worker = launcher.LaunchAsync(new WorkerStart { Body = typeof(PeerBody) }).GetAwaiter().GetResult();
            worker.Wait();
            ids.Add(worker.Process.Id);
            ids.Add(Ask(worker, PeerTag.StartSleeper));
            ids.Add(Ask(worker, PeerTag.StartWorker));
        }

        Console.WriteLine(string.Join(' ', ids));
        Thread.CurrentThread.Join();
        return 0;

        int Ask(WorkerConnection worker, ushort tag)
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
