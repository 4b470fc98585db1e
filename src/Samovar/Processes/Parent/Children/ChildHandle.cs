using System.Diagnostics;
using System.Runtime.InteropServices;
using Samovar.Ipc;
using Samovar.Processes.Launch;
using Samovar.Processes.Platform;
using Samovar.Processes.Protocol;
using Samovar.Serialization;
using Samovar.Tasks.Core;

namespace Samovar.Processes.Parent.Children;

/// <summary>A <see cref="ChildProcess"/> as <see cref="ChildWatch"/> has it. The starter writes, the watch's thread reads; what is said of
/// the end is written before <see cref="Ended"/> completes.</summary>
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
    private bool _hasFunction; // gate: it is in the ring, and messages may follow
    private bool _isGone; // gate: the channel is unmapped
    private bool _hasBegun; // gate
    private bool _isTerminating; // gate
    private bool _isStopped; // gate: somebody wanted it to end
    private bool _isUnreadable; // watch
    private LargeBody? _work; // the function, where it is large; the watch's from the first Serve on
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

    /// <summary>Null until it is started in full.</summary>
    public ChildProcess? Child
    {
        get => Volatile.Read(ref _child); // SYNC: child started
        set => Volatile.Write(ref _child, value); // SYNC: child started
    }

    public bool IsBackground { get; }

    public string Name => _worker.Identity.Name;

    public WorkerProcess Process => _worker.Process;

    /// <summary>Completes when the process has ended, and all that came from it was taken.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Completes with <see cref="Ended"/>, and at the latest <see cref="LineDelivery.Patience"/> after the process has ended: a receiver
    /// that blocks keeps no program alive.</summary>
    public Task Released => _released.Task;

    /// <summary>What left the function, or kept it from being run; null for nothing.</summary>
    public Exception? Error { get; private set; }

    /// <summary>After the end: whether a signal ended it that was not this process's, before the function had returned or thrown.</summary>
    public bool HasCrashed
    {
        get
        {
            lock (_gate) return !_isStopped && Error is null && Result is null && Process.Exit is { Signal: not null };
        }
    }

    /// <summary>What the process wrote, where that is captured.</summary>
    public string? Output { get; private set; }

    /// <summary>What the function brought; null for nothing.</summary>
    public ResultReader? Result { get; private set; }

    /// <summary>Whether it has to be looked at often.</summary>
    public bool HasMemoryLimit => _worker.Memory is not null;

    public bool HasMessage => !_isUnreadable && _worker.Channel.Results.HasRecord;

    /// <summary>Starter: everything the child needs to know; it lies in the ring until the child is ready.</summary>
    public void Send(ShippedBody body, ShippableWork work, PackedRecord defaults, PackedRecord cultures)
    {
        int definitions = Math.Max(body.DefinitionsNeeded, Math.Max(defaults.DefinitionsNeeded, cultures.DefinitionsNeeded));
        var setup = new WorkerSetup(0, _worker.Number, Name.Length, defaults.Record.Length, definitions, HasInitializer: 0);
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
            _worker.Write(RecordTag.End, []); // after the function; what comes for it meanwhile is read while it runs
            _hasFunction = true;
            WriteLocked(_ports.TakeAll());
        }
    }

    /// <summary>Sends the messages of live values that wait. Before the function is sent they go with it.</summary>
    public void SendLive()
    {
        lock (_gate)
        {
            if (_isGone || !_hasFunction) return;
            try
            {
                WriteLocked(_ports.TakeRest());
            }
            catch (Exception error) when (error is ChannelCorruptedException or IOException)
            {
                _lines.Tell($"It cannot be told what happens to a value that its function was given: {error.Message}");
            }
        }
    }

    /// <summary>A receiver of this process's has thrown at what the child sent; there is no executor whose event could tell it.</summary>
    public void ReceiverFailed(Exception error) => _lines.Tell($"What it reported was not taken: {error}");

    public void Terminate()
    {
        lock (_gate)
        {
            // Before its function begins the runtime in it would take the signal for an order to exit, with a code and not by
            // the signal: it is sent when the function has begun.
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

    /// <summary>Watch: takes what there is. True: the process has ended, and its channel is gone.</summary>
    public bool Serve()
    {
        // Asked first: what it wrote before it ended is in the ring by then.
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
                RequestKill(Crash($"Child '{Name}' (process {Process.Id}) was killed: what it wrote cannot be read: {error.Message}", error));
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
        if (exit.Signal is not null && Error is OperationCanceledException) Error = null; // told to end, and it did
        if (_calls.IsEmpty) _ = EndAsync();
        else _calls.Add(() => _ = EndAsync()); // what it reported is handed on before its end
        _ = ReleaseAsync();
        return true;
    }

    /// <summary>What it wrote is handed on before its end.</summary>
    private Task EndAsync() => EndAfterAsync(_lines.Delivery.HandOnAsync(), _ended);

    /// <summary>The end is told also where handing on fails, such as for want of memory: those who wait for it would wait without end.</summary>
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
            // A receiver is stuck. What it has not taken is not lost while this process lives.
        }
        finally
        {
            _released.TrySetResult();
        }
    }

    /// <summary>An error that came from the child; where it cannot be read, the reason stands for it.</summary>
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
        Debug.Assert(!_isTerminating || _isStopped, "whoever told it to end wanted its end");
        Debug.Assert(!_isGone || Process.Exit is not null, "the channel of a process that lives is there");
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
                // The child has no executor whose event could tell it.
                var lost = ReadError(ResultReader.Copy(_worker.Reader, detached));
                _lines.Tell($"Work that nobody awaited has failed: {lost}");
                break;
            case RecordTag.Live when RecordHeaders.TryRead(record, out LiveHeader live, out var message):
                byte[] copy = message.ToArray();
                if (_ports.DeliveryOf(live.Port, () => _worker.Reader.Read<object?>(copy)) is { } delivery) _calls.Add(delivery);
                break;
            case RecordTag.Progress:
                break; // a task reports to its submitter; a child has none
            default:
                throw new ChannelCorruptedException($"a record of {record.Length} bytes with tag {(ushort)tag}, which means nothing here");
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
