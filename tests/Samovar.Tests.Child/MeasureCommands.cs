using System.Diagnostics;
using System.Globalization;
using Samovar.Ipc.Channel;
using Samovar.Ipc.Platform;
using Samovar.Processes.Launch;
using Samovar.Processes.Platform;

namespace Samovar.Tests.Child;

/// <summary>Figures of the channel and of starting, printed one a line: "measure [repeats]".</summary>
internal static class MeasureCommands
{
    public static int Run(string[] args)
    {
        int repeats = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 15;
        using var bell = new ParentBell(ChannelPlatform.Current);
        var launcher = new WorkerLauncher(bell);
        var starts = new List<double>();
        var ends = new List<double>();
        for (int i = 0; i < repeats; i++)
        {
            WorkerChannelSetup started = Start(launcher);
            starts.Add(started.StartTime.TotalMilliseconds);
            long at = Stopwatch.GetTimestamp();
            _ = LinuxProcessCalls.kill(started.Process.Id, LinuxProcessCalls.SigKill);
            while (started.Process.Exit is null)
                bell.Sleeper.Wait(() => started.Process.Exit is not null, TimeSpan.FromSeconds(5));
            ends.Add(Stopwatch.GetElapsedTime(at).TotalMilliseconds);
            started.Process.Exited.GetAwaiter().GetResult();
            started.Dispose();
        }

        Print("start to handshake", "ms", starts);
        Print("SIGKILL to seen by the parent's loop", "ms", ends);

        WorkerChannelSetup worker = Start(launcher);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"idle worker: {ResidentMiB(worker.Process.Id):0.0} MiB resident"));
        RoundTrips(bell, worker);
        OneWay(bell, worker, batch: 1);
        OneWay(bell, worker, batch: 64);
        Throughput(bell, worker, batch: 1);
        Throughput(bell, worker, batch: 64);
        Large(bell, worker);
        worker.Process.Kill();
        worker.Process.Exited.GetAwaiter().GetResult();
        worker.Dispose();
        return 0;
    }

    private static WorkerChannelSetup Start(WorkerLauncher launcher)
    {
        WorkerChannelSetup worker = launcher.LaunchAsync(new WorkerStartOptions { Program = typeof(PeerProgram) }).GetAwaiter().GetResult();
        worker.Wait();
        return worker;
    }

    private static void RoundTrips(ParentBell bell, WorkerChannelSetup worker)
    {
        var times = new List<double>();
        Func<bool> answered = () => worker.Channel.Results.HasRecord;
        byte[] payload = new byte[32];
        for (int i = 0; i < 20_000; i++)
        {
            long at = Stopwatch.GetTimestamp();
            worker.Channel.Work.TryWrite(payload, PeerTag.Echo);
            worker.Channel.WorkerBell.Ring();
            bell.Sleeper.Wait(answered, TimeSpan.FromSeconds(5));
            worker.Channel.Results.TryRead(out _);
            worker.Channel.Results.Release();
            if (i >= 5_000) times.Add(Stopwatch.GetElapsedTime(at).TotalMicroseconds);
        }

        Print("round trip, 32 bytes", "µs", times);
    }

    private static void OneWay(ParentBell bell, WorkerChannelSetup worker, int batch)
    {
        const int messages = 20_000_000;
        Func<bool> answered = () => worker.Channel.Results.HasRecord;
        byte[] payload = new byte[8];
        var rates = new List<double>();
        for (int run = 0; run < 3; run++)
        {
            long at = Stopwatch.GetTimestamp();
            for (int sent = 0; sent < messages;)
            {
                if (worker.Channel.Work.TryWrite(payload, PeerTag.Swallow, publish: sent % batch == batch - 1))
                {
                    if (++sent % batch == 0) worker.Channel.WorkerBell.Ring();
                }
                else
                {
                    worker.Channel.Work.Publish();
                    worker.Channel.WorkerBell.Ring();
                    Thread.SpinWait(50);
                }
            }

            while (!worker.Channel.Work.TryWrite(payload, PeerTag.Echo)) Thread.Yield();
            worker.Channel.WorkerBell.Ring();
            bell.Sleeper.Wait(answered, TimeSpan.FromSeconds(5));
            worker.Channel.Results.TryRead(out _);
            worker.Channel.Results.Release();
            rates.Add(messages / Stopwatch.GetElapsedTime(at).TotalSeconds / 1e6);
        }

        Print(string.Create(CultureInfo.InvariantCulture, $"messages of 8 bytes one way, published by {batch}"), "M/s", rates);
    }

    private static void Throughput(ParentBell bell, WorkerChannelSetup worker, int batch)
    {
        const int messages = 3_000_000;
        Func<bool> answered = () => worker.Channel.Results.HasRecord;
        byte[] payload = new byte[32];
        var rates = new List<double>();
        for (int run = 0; run < 3; run++)
        {
            long at = Stopwatch.GetTimestamp();
            int sent = 0, got = 0;
            while (got < messages)
            {
                int before = sent;
                while (sent < messages && sent - got < 4_000 && worker.Channel.Work.TryWrite(payload, PeerTag.Echo, publish: sent % batch == batch - 1))
                    sent++;
                worker.Channel.Work.Publish();
                if (sent != before) worker.Channel.WorkerBell.Ring();
                bell.Sleeper.Wait(answered, TimeSpan.FromSeconds(5));
                while (worker.Channel.Results.TryRead(out _)) got++;
                worker.Channel.Results.Release();
            }

            rates.Add(messages / Stopwatch.GetElapsedTime(at).TotalSeconds / 1e6);
        }

        Print(string.Create(CultureInfo.InvariantCulture, $"echoed messages of 32 bytes, published by {batch}"), "M/s", rates);
    }

    private static void Large(ParentBell bell, WorkerChannelSetup worker)
    {
        const int length = 64 * 1024 * 1024;
        var times = new List<double>();
        Func<bool> answered = () => worker.Channel.Results.HasRecord;
        for (int i = 0; i < 5; i++)
        {
            long at = Stopwatch.GetTimestamp();
            SharedSegment segment = worker.Channel.LargeWork.CreateSegment(length);
            unsafe
            {
                new Span<byte>(segment.Start, length).Fill((byte)i);
            }

            worker.Channel.LargeWork.TryWrite(segment, PeerTag.Echo);
            worker.Channel.WorkerBell.Ring();
            bell.Sleeper.Wait(answered, TimeSpan.FromSeconds(5));
            worker.Channel.Results.TryRead(out RingMessage answer);
            using (LargeMessage large = worker.Channel.OpenLarge(answer)) _ = large.Bytes[^1];
            worker.Channel.Results.Release();
            worker.Channel.LargeWork.Reclaim();
            times.Add(Stopwatch.GetElapsedTime(at).TotalMilliseconds);
        }

        Print("64 MiB there and copied back", "ms", times);
    }

    private static double ResidentMiB(int processId) =>
        double.Parse(File.ReadLines($"/proc/{processId}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;

    private static void Print(string what, string unit, List<double> values)
    {
        values.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{what}: p50 {values[values.Count / 2]:0.00} {unit}, p99 {values[(int)(values.Count * 0.99)]:0.00}, least {values[0]:0.00} ({values.Count})"));
    }
}
