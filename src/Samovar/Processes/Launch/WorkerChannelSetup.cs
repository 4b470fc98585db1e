using System.Diagnostics;
using Samovar.Ipc;
using Samovar.Ipc.Channel;
using Samovar.Primitives;
using Samovar.Processes.Platform;
using Samovar.Processes.Protocol;

namespace Samovar.Processes.Launch;

/// <summary>The parent's view of a worker that is starting: the process, the channel, and whether it is ready.</summary>
/// <remarks>
/// The rules of the channel apply (see <see cref="ParentChannel"/>). <see cref="TryComplete"/> and <see cref="Wait"/> read results: only the
/// draining thread may call them. Disposing unmaps the channel: await <see cref="WorkerProcess.Exited"/> first.
/// </remarks>
internal sealed class WorkerChannelSetup : IDisposable
{
    private readonly WorkerStartOptions _startOptions;
    private readonly long _startedAt = Stopwatch.GetTimestamp();
    private WorkerProcess? _process;
    private HostFiles? _host;

    public WorkerChannelSetup(ParentChannel channel, WorkerStartOptions options)
    {
        Channel = channel;
        _startOptions = options;
    }

    public ParentChannel Channel { get; }

    public WorkerProcess Process => _process ?? throw new InvalidOperationException("The process has not been started.");

    /// <summary>Whether the worker has reported that it is ready. Work may be written before that: it waits in the ring.</summary>
    public bool IsReady { get; private set; }

    /// <summary>The time from the start of the process until it was ready.</summary>
    public TimeSpan StartTime { get; private set; }

    /// <summary>Whether the start timeout of the worker has elapsed.</summary>
    public bool IsOverdue => _startOptions.Timeout != Timeout.InfiniteTimeSpan && Stopwatch.GetElapsedTime(_startedAt) > _startOptions.Timeout;

    /// <summary>The last start step that the worker has reported.</summary>
    public WorkerStartStep Step => (WorkerStartStep)Math.Clamp(Channel.StartStep, (int)WorkerStartStep.Started, (int)WorkerStartStep.Ready);

    /// <summary>
    /// Reads the worker's message that it is ready. Called by the draining thread until it returns true; other messages come after that one.
    /// </summary>
    /// <returns>False if the message has not arrived yet; otherwise, true.</returns>
    /// <exception cref="WorkerStartException">The worker has exited, reported a failure, is another build, or has exceeded the start timeout. The
    /// caller must kill it.</exception>
    /// <exception cref="ChannelCorruptedException">The message is not valid.</exception>
    public bool TryComplete()
    {
        if (IsReady) return true;

        // Read the exit before the ring: everything that the worker wrote before it exited is then in the ring.
        ProcessExit? exit = Process.Exit;
        if (!Channel.Results.TryRead(out RingMessage message))
        {
            if (exit is not null) throw Failure($"exited with {exit} before it was ready, after the step {Step}");
            if (IsOverdue)
                throw Failure($"was not ready within {TimeoutArguments.Text(_startOptions.Timeout)}; it is still running and has reached the step {Step}");
            return false;
        }

        if (message.Tag == Handshake.FailedTag)
        {
            var failed = WorkerFailed.Read(message.Payload);
            throw Failure($"failed after the step {failed.Step}: {failed.Error}");
        }

        if (message.Tag != Handshake.ReadyTag)
            throw new ChannelCorruptedException($"A worker's first message has tag {message.Tag:x4}.");

        var ready = WorkerReady.Read(message.Payload);
        Channel.Results.Release();
        if (!ready.Cookie.Matches(Channel.Cookie) || ready.ProcessId != Process.Id)
            throw new ChannelCorruptedException($"Process {ready.ProcessId} has reported that it is ready, in place of process {Process.Id}.");
        if (ready.Library != ModuleId.Samovar)
            throw Failure($"runs another build of Samovar: {ready.Library}, this program has {ModuleId.Samovar}");

        Channel.RemoveNames();
        StartTime = Stopwatch.GetElapsedTime(_startedAt);
        IsReady = true;
        return true;
    }

    /// <summary>Blocks until the worker is ready, for a parent that has no draining thread yet.</summary>
    public void Wait()
    {
        Func<bool> answered = () => Channel.Results.HasRecord || Process.Exit is not null;
        while (!TryComplete())
        {
            TimeSpan left = _startOptions.Timeout == Timeout.InfiniteTimeSpan ? TimeoutArguments.Longest : _startOptions.Timeout - Stopwatch.GetElapsedTime(_startedAt);
            Channel.Bell.Sleeper.Wait(answered, left > TimeSpan.Zero ? left : TimeSpan.Zero);
        }
    }

    public void Dispose()
    {
        Channel.Dispose();
        if (_process is { Exit: not null }) Channel.Bell.Platform.RemoveLeftBy(_process.Id);
    }

    internal void Attach(WorkerProcess process, HostFiles host)
    {
        _process = process;
        _host = host;
        Channel.WorkerId = process.Id;
    }

    private WorkerStartException Failure(string what)
    {
        string errors = Process.Errors.ToString();
        string hint = _host is { ReExecutes: true } && Step == WorkerStartStep.Started
            ? " A program that is published as a single file or self-contained must call Samovar.ProcessWorker.RunIfWorker(args) first in Main."
            : "";
        return new WorkerStartException(
            $"Worker process {Process.Id} {what}{WorkerStartException.CauseIn(errors)}. Started as: {_host?.FileName} {string.Join(' ', _host?.Arguments ?? [])}.{hint}" +
            (errors.Length == 0 ? " It wrote nothing to stderr." : $"\nThe last lines of its stderr:\n{errors}"))
        {
            ProcessId = Process.Id,
            ErrorOutput = errors,
        };
    }
}
