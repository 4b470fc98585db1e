using System.Diagnostics;
using System.Runtime.InteropServices;
using Samovar.Ipc;
using Samovar.Processes.Launch;
using Samovar.Processes.Platform;
using Samovar.Processes.Protocol;
using Samovar.Serialization;
using Samovar.Tasks.Core;

namespace Samovar.Processes.Parent.Children;

/// <summary><see cref="ChildWatch"/>'s view of a <see cref="ChildProcess"/>. The starting thread writes, the watch's thread reads; the members
/// about the exit are written before <see cref="Ended"/> completes.</summary>
internal sealed class ChildHandle
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private readonly WorkerHandle _worker;
    private readonly WorkerOutputReader _lines;
    private readonly ShippingWriter _writer;
    private readonly LivePorts _ports;
    private readonly SerialCallbackQueue _calls = new(); // receivers of live values, on the thread pool
    private bool _hasFunction; // gate: the function is in the ring, and messages may follow
    private bool _isGone; // gate: the channel is unmapped
    private bool _hasBegun; // gate
    private bool _isTerminating; // gate
    private bool _isStopped; // gate: Terminate or Kill was called
    private bool _isUnreadable; // watch
    private LargeBody? _work; // the function, if it is large; belongs to the watch after the first Serve
    private ChildProcess? _child;

    public ChildHandle(WorkerHandle worker, WorkerOutputReader lines, bool isBackground, ShippingWriter writer, LivePorts ports)
    {
        _writer = writer;
        _ports = ports;
        IsBackground = isBackground;
        _worker = worker;
        _lines = lines;
        ports.Attach(SendLive, ReceiverFailed);
    }

    /// <summary>The public object; null until the start is complete.</summary>
    public ChildProcess? Child
    {
        get => Volatile.Read(ref _child); // SYNC: child started
        set => Volatile.Write(ref _child, value); // SYNC: child started
    }

    public bool IsBackground { get; }

    public string Name => _worker.Identity.Name;

    public WorkerProcess Process => _worker.Process;

    /// <summary>Completes when the process has exited and all its messages and output have been delivered.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Completes with <see cref="Ended"/>, but at the latest <see cref="LineDelivery.Patience"/> after the process has exited, so that a
    /// receiver that blocks does not keep the program alive.</summary>
    public Task Released => _released.Task;

    /// <summary>The exception that the function threw, or that prevented it from running; otherwise, null.</summary>
    public Exception? Error { get; private set; }

    /// <summary>After the exit: whether a signal that this process did not send terminated the child before its function returned or
    /// threw.</summary>
    public bool HasCrashed
    {
        get
        {
            lock (_gate) return !_isStopped && Error is null && Result is null && Process.Exit is { Signal: not null };
        }
    }

    /// <summary>The captured output of the process; null if output is not captured.</summary>
    public string? Output { get; private set; }

    /// <summary>The result of the function; null if it has returned no result.</summary>
    public ResultReader? Result { get; private set; }

    /// <summary>Whether the child must be checked often.</summary>
    public bool HasMemoryLimit => _worker.Memory is not null;

    public bool HasMessage => !_isUnreadable && _worker.Channel.Results.HasRecord;

    /// <summary>Starter: writes everything that the child needs into the ring, where it stays until the child is ready.</summary>
    public void Send(ShippedBody body, ShippableWork work, PackedRecord defaults, PackedRecord cultures)
    {
        int definitions = Math.Max(body.DefinitionsNeeded, Math.Max(defaults.DefinitionsNeeded, cultures.DefinitionsNeeded));
        var setup = new WorkerSetup(0, _worker.Number, Name.Length, defaults.Record.Length, definitions, HasInitializer: 0, RecordingLength: 0, ExitHookLength: 0);
        _worker.Define(_writer, definitions);
        _worker.Write(RecordTag.Setup, [.. RecordHeaders.BytesOf(in setup), .. MemoryMarshal.AsBytes(Name.AsSpan()), .. defaults.Record]);
        _worker.Channel.Slots.TrySend(out var ticket);
        var flags = TaskFlags.TellsStart | (work.BringsResult ? TaskFlags.BringsResult : TaskFlags.None);
        if (_ports.IsUsed) flags |= TaskFlags.IsLive;
        string trace = TaskTrace.Of(Activity.Current);
        byte[] inRing;
        if (TaskMessage.LengthOf(name: 0, trace.Length, cultures.Record.Length, body.Length) <= _worker.Channel.Work.LargestPayload)
        {
            inRing = body.ToArray();
        }
        else
        {
            _work = LargeBody.Write(_worker.Channel.Bell.Platform, body, isReadOnce: true);
            inRing = _work.InRing;
            flags |= TaskFlags.IsElsewhere;
        }

        var header = new TaskHeader
        {
            Generation = ticket.Generation,
            Slot = ticket.Slot,
            Id = 1,
            Attempt = 1,
            DefinitionsNeeded = definitions,
            Kind = work.Kind,
            Flags = flags,
        };
        byte[] record = new TaskMessage(header, name: [], trace, cultures.Record, inRing).ToArray();
        lock (_gate)
        {
            _worker.Write(RecordTag.Task, record);
            _worker.Write(RecordTag.End, []); // after the function; messages for the function are read while it runs
            _hasFunction = true;
            WriteLocked(_ports.TakeAll());
        }
    }

    /// <summary>Sends the pending messages of live values. Before the function is sent, they wait for it.</summary>
    public void SendLive() => SendMessages(_ports.TakeRest);

    private void SendAnswer(PackedRecord answer) => SendMessages(() => [answer]);

    private void SendMessages(Func<PackedRecord[]> take)
    {
        lock (_gate)
        {
            if (_isGone || !_hasFunction) return;
            try
            {
                WriteLocked(take());
            }
            catch (Exception error) when (error is ChannelCorruptedException or IOException)
            {
                _lines.Tell($"A message to a live value in its function could not be sent: {error.Message}");
            }
        }
    }

    /// <summary>Reports the exception of a receiver in this process for a message of the child; there is no executor whose event could report
    /// it.</summary>
    public void ReceiverFailed(Exception error) => _lines.Tell($"The receiver of its message threw an exception: {error}");

    public void Terminate()
    {
        lock (_gate)
        {
            // Before the function starts, the runtime of the child would handle the signal as a request to exit, with an exit code and not by the
            // signal. Therefore, the signal is sent when the function has started.
            _isStopped = true;
            _isTerminating = true;
            CheckInvariantsLocked();
            if (!_hasBegun) return;
        }

        Process.Terminate();
    }

    public void Kill()
    {
        lock (_gate)
        {
            _isStopped = true;
            CheckInvariantsLocked();
        }

        Process.Kill();
    }

    /// <summary>Watch: reads what is available. Returns true if the process has exited and its channel is released.</summary>
    public bool Serve()
    {
        // Read the exit first: everything that the child wrote before it exited is then in the ring.
        var exit = Process.Exit;
        if (exit is null && !_isUnreadable && _worker.Memory?.Look(Process.Id) is { } excess)
            RequestKill(Crash($"Child '{Name}' (process {Process.Id}) was killed: {excess}.", null));
        if (!_isUnreadable)
        {
            try
            {
                if (_worker.Setup.TryComplete())
                {
                    TakeAll();
                    if (exit is null) Flush();
                }
            }
            catch (WorkerStartException error)
            {
                RequestKill(error);
            }
            catch (Exception error) when (error is ChannelCorruptedException or ShippingException or IOException or OutOfMemoryException)
            {
                RequestKill(Crash($"Child '{Name}' (process {Process.Id}) was killed: its messages cannot be read: {error.Message}", error));
            }
        }

        if (exit is null) return false;
        _lines.Flush();
        Output = _lines.Captured?.Take();
        _work?.Dispose();
        lock (_gate)
        {
            _isGone = true;
            _worker.Setup.Dispose();
            CheckInvariantsLocked();
        }

        _ports.Close();
        if (exit.Signal is not null && Error is OperationCanceledException) Error = null; // it was requested to exit, and did
        if (_calls.IsEmpty) _ = EndAsync();
        else _calls.Add(() => _ = EndAsync()); // messages are delivered before Exited completes
        _ = ReleaseAsync();
        return true;
    }

    /// <summary>Completes <see cref="Ended"/> after all output has been delivered.</summary>
    private Task EndAsync() => EndAfterAsync(_lines.Delivery.HandOnAsync(), _ended);

    /// <summary>Completes the task even if the delivery fails, for example because memory is exhausted: its waiters would wait
    /// indefinitely.</summary>
    internal static async Task EndAfterAsync(Task handedOn, TaskCompletionSource ended)
    {
        try
        {
            await handedOn.ConfigureAwait(false);
        }
        finally
        {
            ended.TrySetResult();
        }
    }

    private async Task ReleaseAsync()
    {
        try
        {
            await Ended.WaitAsync(LineDelivery.Patience).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // A receiver is blocked. Lines that it has not received are not lost while this process runs.
        }
        finally
        {
            _released.TrySetResult();
        }
    }

    /// <summary>Reads an error of the child; if it cannot be read, returns the reason instead.</summary>
    private static Exception ReadError(ResultReader error)
    {
        try
        {
            return error.Read<Exception>();
        }
        catch (Exception unreadable)
        {
            return unreadable;
        }
    }

    private WorkerCrashedException Crash(string text, Exception? cause) => new(text, cause)
    {
        ProcessId = Process.Id,
        TaskId = 1,
        TaskName = Name,
        Attempt = 1,
        ErrorOutput = Process.Errors.ToString(),
    };

    private void RequestKill(Exception error)
    {
        _isUnreadable = true;
        lock (_gate)
        {
            if (!_isStopped) Error = error;
        }

        Process.Kill();
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(!_isTerminating || _isStopped, "a terminating child is marked as stopped");
        Debug.Assert(!_isGone || Process.Exit is not null, "the channel of a running process is not released");
    }

    private void WriteLocked(PackedRecord[] messages)
    {
        foreach (var message in messages)
        {
            _worker.Define(_writer, message.DefinitionsNeeded);
            _worker.Write(RecordTag.Live, message.Record);
        }

        _worker.Channel.WorkerBell.Ring();
    }

    private void Flush()
    {
        lock (_gate)
        {
            if (_worker.Overflow.Count > 0 && _worker.TryFlush()) _worker.Channel.WorkerBell.Ring();
        }
    }

    private void TakeAll()
    {
        var results = _worker.Channel.Results;
        while (results.TryRead(out var message))
        {
            using (var body = _worker.Channel.Open(message)) Take((RecordTag)message.Tag, body.Bytes);
            results.Release();
        }
    }

    private void Take(RecordTag tag, ReadOnlySpan<byte> record)
    {
        switch (tag)
        {
            case RecordTag.Started:
                Begun();
                break;
            case RecordTag.Definitions:
                _worker.Reader.ReadDefinitions(record);
                break;
            case RecordTag.Result when ResultMessage.TryRead(record, out var answer):
                _work?.Dispose();
                _work = null;
                var result = ResultReader.Copy(_worker.Reader, answer);
                if (answer.IsError) Error = ReadError(result);
                else Result = result;
                break;
            case RecordTag.Detached when ResultMessage.TryRead(record, out var detached):
                // The child has no executor whose event could report the error.
                var lost = ReadError(ResultReader.Copy(_worker.Reader, detached));
                _lines.Tell($"Work that was not awaited has failed: {lost}");
                break;
            case RecordTag.Live when RecordHeaders.TryRead(record, out LiveHeader live, out var message):
                byte[] copy = message.ToArray();
                if (_ports.DeliveryOf(live.Port, () => _worker.Reader.Read<object?>(copy), SendAnswer) is { } delivery) _calls.Add(delivery);
                break;
            case RecordTag.Progress:
                break; // progress goes to the submitter of a task; a child has none
            default:
                throw new ChannelCorruptedException($"a record of {record.Length} bytes with tag {(ushort)tag}, which is not valid here");
        }
    }

    private void Begun()
    {
        bool isLate;
        lock (_gate)
        {
            _hasBegun = true;
            isLate = _isTerminating;
        }

        if (isLate) Process.Terminate();
    }
}
