using Samovar.Ipc.Channel;
using Samovar.Processes.Launch;
using Samovar.Processes.Platform;
using Samovar.Processes.Protocol;

namespace Samovar.Processes.Parent;

/// <summary>A worker that is a thread of this process, for debugging: the same channel over plain memory, the same program.</summary>
/// <remarks>A thread cannot be killed: a kill makes it count as exited, and abandons it with its channel, which is then never freed.</remarks>
internal sealed class LocalWorker : WorkerProcess
{
    private const int Killed = 9;

    private readonly WorkerChannel _channel;
    private readonly WorkerProgram _body;
    private int _ended;

    private LocalWorker(WorkerProgram body, ParentChannel channel, ProcessStartSpec spec)
        : base(spec)
    {
        _body = body;
        _channel = WorkerChannel.Open(channel.Bell.Platform, channel.Invitation);
    }

    public override int Id => Environment.ProcessId;

    /// <summary>Whether the thread may still be running although it counts as exited.</summary>
    public bool IsLeftBehind { get; private set; }

    public static WorkerChannelSetup Start(WorkerProgram body, ParentBell bell, WorkerStartOptions options, string name)
    {
        var channel = new ParentChannel(bell, options.Channel);
        var spec = new ProcessStartSpec
        {
            FileName = "",
            Arguments = [],
            Environment = new Dictionary<string, string>(),
            Ended = _ => bell.Interrupt(),
        };
        var worker = new LocalWorker(body, channel, spec);
        var setup = new WorkerChannelSetup(channel, options);
        setup.Attach(worker, new HostFiles("a thread of this process", [], ReExecutes: false));
        new Thread(worker.Run) { IsBackground = true, Name = name }.UnsafeStart();
        return setup;
    }

    public override void Terminate() => Kill();

    public override void Kill() => End(new ProcessExit(null, Killed, 0), isLeftBehind: true);

    private void Run()
    {
        var ready = new WorkerReady(_channel.Cookie, ModuleId.Samovar, Id, Environment.Version.ToString());
        _channel.Results.TryWrite(ready.ToBytes(), Handshake.ReadyTag);
        _channel.ParentBell.Ring();
        int code = _body.Run(_channel);
        if (Volatile.Read(ref _ended) != 0) return; // abandoned, and so is the channel
        _channel.Dispose();
        End(new ProcessExit(code, null, 0), isLeftBehind: false);
    }

    private void End(ProcessExit exit, bool isLeftBehind)
    {
        if (Interlocked.Exchange(ref _ended, 1) != 0) return;
        IsLeftBehind = isLeftBehind;
        HasEnded(exit);
    }
}
