using System.Runtime.Versioning;
using System.Text;
using Samovar.Ipc.Channel;
using Samovar.Ipc.Platform;
using Samovar.Processes.Launch;
using Samovar.Processes.Platform;
using Samovar.Tests.Child;

namespace Samovar.Tests.Processes;

/// <summary>A worker that runs <see cref="PeerProgram"/>; disposing it ends it and asserts that nothing is left.</summary>
[SupportedOSPlatform("linux")]
internal sealed class TestPeer : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);
    private readonly ParentBell _bell;
    private readonly ProcessTrace _trace;

    private TestPeer(ParentBell bell, WorkerChannelSetup setup)
    {
        _bell = bell;
        Setup = setup;
        _trace = new ProcessTrace(setup.Process.Id);
    }

    public WorkerChannelSetup Setup { get; }

    public WorkerProcess Process => Setup.Process;

    public ParentChannel Channel => Setup.Channel;

    public static WorkerStartOptions Defaults { get; } = new() { Program = typeof(PeerProgram) };

    public static async Task<TestPeer> StartAsync(ChannelKind kind, WorkerStartOptions? start = null, HostFiles? host = null)
    {
        var bell = new ParentBell(ChannelPlatform.Create(kind));
        WorkerChannelSetup? setup = null;
        try
        {
            setup = await new WorkerLauncher(bell, host).LaunchAsync(start ?? Defaults);
            setup.Wait();
            return new TestPeer(bell, setup);
        }
        catch
        {
            if (setup is not null)
            {
                setup.Process.Kill();
                await setup.Process.Exited;
                setup.Dispose();
            }

            bell.Dispose();
            throw;
        }
    }

    public void Send(ushort tag, ReadOnlySpan<byte> payload)
    {
        Channel.Work.TryWrite(payload, tag).ShouldBeTrue();
        Channel.WorkerBell.Ring();
    }

    public byte[] Ask(ushort tag, ReadOnlySpan<byte> payload)
    {
        Send(tag, payload);
        return Receive();
    }

    public byte[] Receive()
    {
        WaitForAnswer().ShouldBeTrue("an answer should come");
        Channel.Results.TryRead(out RingMessage message).ShouldBeTrue();
        byte[] answer = message.Payload.ToArray();
        Channel.Results.Release();
        return answer;
    }

    /// <summary>Waits for an answer or the peer's end.</summary>
    public bool WaitForAnswer()
    {
        while (!Channel.Results.HasRecord && Process.Exit is null)
        {
            if (_bell.Sleeper.Wait(() => Channel.Results.HasRecord || Process.Exit is not null, s_patience) == WaitOutcome.TimedOut)
                return false;
        }

        return Channel.Results.HasRecord;
    }

    public Dictionary<string, string> Facts() =>
        Encoding.UTF8.GetString(Ask(PeerTag.Facts, [])).Split('\n').Select(l => l.Split('=', 2)).ToDictionary(p => p[0], p => p[1]);

    public async ValueTask DisposeAsync()
    {
        Process.Kill();
        await Process.Exited.WaitAsync(s_patience);
        Setup.Dispose();
        _bell.Dispose();
        _trace.EndsWithin(TimeSpan.Zero).ShouldBeTrue();
        _trace.Dispose();
        ProcessTrace.FilesOf(Process.Id).ShouldBeEmpty();
    }
}
