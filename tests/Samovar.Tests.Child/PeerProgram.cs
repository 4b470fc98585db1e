using System.Diagnostics;
using System.Globalization;
using System.Text;
using Samovar.Ipc.Channel;
using Samovar.Ipc.Platform;
using Samovar.Processes.Launch;
using Samovar.Processes.Platform;
using Samovar.Processes.Protocol;

namespace Samovar.Tests.Child;

/// <summary>A worker that executes its commands, one message at a time: echoes, dies, floods, stops.</summary>
internal sealed class PeerProgram : WorkerProgram
{
    private const int ReadsToARelease = 64;

    private readonly List<object> _kept = [];
    private WorkerChannel _channel = null!;

    public override int Run(WorkerChannel channel)
    {
        _channel = channel;
        Func<bool> ready = () => channel.Work.HasRecord;
        while (true)
        {
            channel.Bell.Wait(ready, Timeout.InfiniteTimeSpan);
            for (int read = 1; channel.Work.TryRead(out RingMessage message); read++)
            {
                if (message.Tag == PeerTag.Return) return BitConverter.ToInt32(message.Payload);

                Do(message);
                if (read % ReadsToARelease == 0) channel.Work.Release();
            }

            channel.Work.Release();
            channel.ParentBell.Ring();
        }
    }

    private void Do(RingMessage message)
    {
        switch (message.Tag)
        {
            case PeerTag.Echo when message.Kind == RingRecordKind.Large:
                EchoLarge(message);
                break;
            case PeerTag.Echo:
                Answer(message.Payload);
                break;
            case PeerTag.Signal:
                EndBy(BitConverter.ToInt32(message.Payload));
                break;
            case PeerTag.WriteError:
                Console.Error.Write(Encoding.UTF8.GetString(message.Payload));
                Console.Error.Flush();
                Answer([]);
                break;
            case PeerTag.StartSleeper:
                bool leavesGroup = message.Payload[0] == 1;
                var start = leavesGroup ? new ProcessStartInfo("setsid", ["sleep", "600"]) : new ProcessStartInfo("sleep", ["600"]);
                var sleeper = Process.Start(start)!;
                _kept.Add(sleeper);
                Answer(BitConverter.GetBytes(sleeper.Id));
                break;
            case PeerTag.Variable:
                Answer(Encoding.UTF8.GetBytes(Environment.GetEnvironmentVariable(Encoding.UTF8.GetString(message.Payload)) ?? ""));
                break;
            case PeerTag.StartWorker:
                var bell = new ParentBell(ChannelPlatform.Current);
                WorkerChannelSetup nested = new WorkerLauncher(bell).LaunchAsync(new WorkerStartOptions { Program = typeof(PeerProgram) }).GetAwaiter().GetResult();
                nested.Wait();
                _kept.Add(nested);
                Answer(BitConverter.GetBytes(nested.Process.Id));
                break;
            case PeerTag.DieAt:
                var point = (RingSyncPoint)BitConverter.ToInt32(message.Payload);
                Answer([]);
                _channel.ParentBell.Ring();
                _channel.Results.SyncPointReached = _channel.Work.SyncPointReached = reached =>
                {
                    if (reached == point) _ = LinuxProcessCalls.kill(Environment.ProcessId, LinuxProcessCalls.SigKill);
                };
                break;
            case PeerTag.Flood:
                OutputCommands.Flood(BitConverter.ToInt64(message.Payload));
                Answer([]);
                break;
            case PeerTag.StartItem:
                var ticket = new ItemTicket((int)BitConverter.ToInt64(message.Payload), BitConverter.ToUInt64(message.Payload[sizeof(long)..]));
                Answer([_channel.Slots.TryStart(ticket, Stopwatch.GetTimestamp()) ? (byte)1 : (byte)0]);
                break;
            case PeerTag.Forge:
                Forge();
                break;
            case PeerTag.Facts:
                Answer(Encoding.UTF8.GetBytes(Facts()));
                break;
            case PeerTag.Throw:
                var thread = new Thread(() => throw new InvalidOperationException("thrown by the peer"));
                thread.Start();
                thread.Join();
                break;
        }
    }

    private static string Facts() => string.Join('\n',
        string.Create(CultureInfo.InvariantCulture, $"cores={Environment.ProcessorCount}"),
        string.Create(CultureInfo.InvariantCulture, $"niceness={LinuxProcessCalls.getpriority(0, 0)}"),
        $"directory={Environment.CurrentDirectory}",
        $"server={System.Runtime.GCSettings.IsServerGC}",
        string.Create(CultureInfo.InvariantCulture, $"heap={GC.GetGCMemoryInfo().TotalAvailableMemoryBytes}"),
        string.Create(CultureInfo.InvariantCulture, $"group={LinuxProcessCalls.getpgrp() == Environment.ProcessId}"),
        string.Create(CultureInfo.InvariantCulture, $"input={Console.In.Read()}"),
        $"base={AppContext.BaseDirectory}");

    // As these ends really come: a fault and an abort in native code. Sent from outside, the runtime would take them for its own.
    private static void EndBy(int signal)
    {
        switch (signal)
        {
            case 6:
                NativeCrash.abort();
                break;
            case 11:
                _ = NativeCrash.strlen(16);
                break;
            default:
                _ = LinuxProcessCalls.kill(Environment.ProcessId, signal);
                break;
        }
    }

    private unsafe void Forge()
    {
        // A record of a length that no ring has, where the reader looks next.
        _channel.Results.TryReserve(8, out Span<byte> place);
        fixed (byte* payload = place) Volatile.Write(ref *(uint*)(payload - MessageRing.HeaderSize), 0x7FFF_FFFF);
        _channel.ParentBell.Ring();
        _channel.Results.Abort();
    }

    private void Answer(ReadOnlySpan<byte> payload)
    {
        while (!_channel.Results.TryWrite(payload, PeerTag.Echo))
        {
            _channel.ParentBell.Ring();
            Thread.Yield();
        }
    }

    private void EchoLarge(RingMessage message)
    {
        using LargeMessage large = _channel.OpenLarge(message);
        SharedSegment answer = _channel.LargeResults.CreateSegment(large.Bytes.Length);
        unsafe
        {
            large.Bytes.CopyTo(new Span<byte>(answer.Start, large.Bytes.Length));
        }

        _channel.LargeResults.TryWrite(answer, PeerTag.Echo);
    }
}
