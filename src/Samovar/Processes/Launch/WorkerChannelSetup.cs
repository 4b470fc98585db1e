using System.Diagnostics;
using Samovar.Ipc;
using Samovar.Ipc.Channel;
using Samovar.Primitives;
using Samovar.Processes.Platform;
using Samovar.Processes.Protocol;

namespace Samovar.Processes.Launch;

/// <summary>A worker as its parent has it: the process, the channel, and whether it is ready.</summary>
/// <remarks>
/// The channel's rules hold (see <see cref="ParentChannel"/>). <see cref="TryComplete"/> and <see cref="Wait"/> read results:
/// they are the draining thread's. Disposing unmaps the channel: await <see cref="WorkerProcess.Exited"/> first.
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

    /// <summary>Whether the worker has answered. Work may be written before that: it waits in the ring.</summary>
    public bool IsReady { get; private set; }

    /// <summary>From the start of the process to its answer.</summary>
    public TimeSpan StartTime { get; private set; }

    /// <summary>Whether the time that a worker has to come up is over.</summary>
    public bool IsOverdue => _startOptions.Timeout != Timeout.InfiniteTimeSpan && Stopwatch.GetElapsedTime(_startedAt) > _startOptions.Timeout;

    /// <summary>How far it says it has come.</summary>
    public WorkerStartStep Step => (WorkerStartStep)Math.Clamp(Channel.StartStep, (int)WorkerStartStep.Started, (int)WorkerStartStep.Ready);

    /// <summary>
    /// Looks for the worker's answer. Asked for by the draining thread until it is true; other messages come after it.
    /// </summary>
    /// <returns>False where there is none yet.</returns>
    /// <exception cref="WorkerStartException">It has ended, told of a failure, is another build, or has taken too long. End
    /// it.</exception>
    /// <exception cref="ChannelCorruptedException">The answer is no answer.</exception>
    public bool TryComplete()
    {
        if (IsReady) return true;

        // Asked before the ring is looked at: what the worker wrote before it ended is there by then.
        ProcessExit? exit = Process.Exit;
        if (!Channel.Results.TryRead(out RingMessage message))
        {
            if (exit is not null) throw Failure($"ended with {exit} before it was ready, after the step {Step}");
            if (IsOverdue)
                throw Failure($"was not ready within {TimeoutArguments.Text(_startOptions.Timeout)}; it is alive and has come to the step {Step}");
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
            throw new ChannelCorruptedException($"Process {ready.ProcessId} has answered in place of {Process.Id}.");
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
            ? " A program that is published as a single file or self-contained has to call Samovar.ProcessWorker.RunIfWorker(args) first in Main."
            : "";
        return new WorkerStartException(
            $"Worker process {Process.Id} {what}{WorkerStartException.CauseIn(errors)}. Started as: {_host?.FileName} {string.Join(' ', _host?.Arguments ?? [])}.{hint}" +
            (errors.Length == 0 ? " It wrote nothing to stderr." : $"\nIts last lines on stderr:\n{errors}"))
        {
            ProcessId = Process.Id,
            ErrorOutput = errors,
        };
    }
}
