using System.Runtime.InteropServices;
using Samovar.Ipc;
using Samovar.Serialization;

namespace Samovar.Processes;

/// <summary>A <see cref="ChildProcess"/> as <see cref="ChildWatch"/> has it. The starter writes, the watch's thread reads; what is said of
/// the end is written before <see cref="Ended"/> completes.</summary>
internal sealed class ChildLink
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private readonly WorkerLink _link;
    private readonly WorkerLines _lines;
    private bool _hasBegun; // gate
    private bool _isTerminating; // gate
    private bool _isStopped; // gate: somebody wanted it to end
    private bool _isUnreadable; // watch
    private SharedSegment? _work; // the function, where it is large; the watch's from the first Serve on
    private ChildProcess? _child;

    private readonly KeptInTransit _kept; // shared objects that the function holds

    public ChildLink(WorkerLink link, WorkerLines lines, KeptInTransit kept, bool isDaemon)
    {
        IsDaemon = isDaemon;
        _kept = kept;
        _link = link;
        _lines = lines;
    }

    /// <summary>Null until it is started in full.</summary>
    public ChildProcess? Child
    {
        get => Volatile.Read(ref _child); // SYNC: child started
        set => Volatile.Write(ref _child, value); // SYNC: child started
    }

    public bool IsDaemon { get; }

    public string Name => _link.Identity.Name;

    public WorkerProcess Process => _link.Process;

    /// <summary>Completes when the process has ended, and all that came from it was taken.</summary>
    public Task Ended => _ended.Task;

    /// <summary>What left the function, or kept it from being run; null for nothing.</summary>
    public Exception? Error { get; private set; }

    /// <summary>What the function brought; null for nothing.</summary>
    public ResultReader? Result { get; private set; }

    public bool HasMessage => !_isUnreadable && _link.Channel.Results.HasRecord;

    /// <summary>Starter: everything the child needs to know; it lies in the ring until the child is ready.</summary>
    public void Send(ShippingWriter writer, ShippedBody body, ShippableWork work)
    {
        var setup = new WorkerSetup(0, _link.Number, Name.Length, 0, HasInitializer: 0);
        _link.Write(RecordTag.Setup, [.. Bytes(setup), .. MemoryMarshal.AsBytes(Name.AsSpan())]);
        _link.Define(writer, body.DefinitionsNeeded);
        _link.Channel.Slots.TrySend(out var ticket);
        var traits = TaskTraits.TellsStart | TaskTraits.IsLive | (work.BringsResult ? TaskTraits.BringsResult : TaskTraits.None);
        byte[] inRing;
        if (TaskHeader.Size + body.Length <= _link.Channel.Work.LargestPayload)
        {
            inRing = body.ToArray();
        }
        else
        {
            _work = LargeBody.Write(_link.Channel.Bell.Platform, body, out inRing);
            traits |= TaskTraits.IsElsewhere | TaskTraits.IsConsumed;
        }

        var header = new TaskHeader
        {
            Generation = ticket.Generation,
            Slot = ticket.Slot,
            Id = 1,
            Attempt = 1,
            DefinitionsNeeded = body.DefinitionsNeeded,
            Shape = work.Shape,
            Traits = traits,
        };
        _link.Write(RecordTag.Task, [.. Bytes(header), .. inRing]);
        _link.Write(RecordTag.End, []);
        _link.Channel.WorkerBell.Ring();
    }

    public void Terminate()
    {
        lock (_gate)
        {
            // Before its function begins the runtime in it would take the signal for an order to exit, with a code and not by
            // the signal: it is sent when the function has begun.
            _isStopped = true;
            _isTerminating = true;
            if (!_hasBegun) return;
        }

        Process.Terminate();
    }

    public void Kill()
    {
        lock (_gate) _isStopped = true;
        Process.Kill();
    }

    /// <summary>Watch: takes what there is. True: the process has ended, and its channel is gone.</summary>
    public bool Serve()
    {
        // Asked first: what it wrote before it ended is in the ring by then.
        var exit = Process.Exit;
        if (!_isUnreadable)
        {
            try
            {
                if (_link.Connection.TryComplete())
                {
                    TakeAll();
                    if (exit is null && _link.Overflow.Count > 0 && _link.TryFlush()) _link.Channel.WorkerBell.Ring();
                }
            }
            catch (WorkerStartException error)
            {
                Condemn(error);
            }
            catch (Exception error) when (error is ChannelCorruptedException or ShippingException or IOException)
            {
                Condemn(new WorkerCrashedException(
                    $"Child '{Name}' (process {Process.Id}) was killed: what it wrote cannot be read: {error.Message}", error)
                {
                    ProcessId = Process.Id,
                });
            }
        }

        if (exit is null) return false;
        _lines.Flush();
        _work?.Dispose();
        _kept.Dispose();
        _link.Connection.Dispose();
        if (exit.Signal is not null && Error is OperationCanceledException) Error = null; // told to end, and it did
        _ended.TrySetResult();
        return true;
    }

    private static ReadOnlySpan<byte> Bytes<T>(in T header)
        where T : unmanaged => MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in header));

    private void Condemn(Exception error)
    {
        _isUnreadable = true;
        lock (_gate)
        {
            if (!_isStopped) Error = error;
        }

        Process.Kill();
    }

    private void TakeAll()
    {
        var results = _link.Channel.Results;
        while (results.TryRead(out var message))
        {
            if (message.Kind == RingRecordKind.Large)
            {
                using var large = _link.Channel.OpenLarge(message);
                Take((RecordTag)message.Tag, large.Bytes);
            }
            else
            {
                Take((RecordTag)message.Tag, message.Payload);
            }

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
                _link.Reader.ReadDefinitions(record);
                break;
            case RecordTag.Answer when RecordHeaders.TryRead(record, out AnswerHeader answer, out var body):
                _work?.Dispose();
                _work = null;
                var result = ResultReader.Copy(_link.Reader, body, answer.SharedObjects, answer.Took);
                if ((answer.Traits & AnswerTraits.IsError) == AnswerTraits.None) Result = result;
                else Error = result.Read<Exception>();
                break;
            case RecordTag.Detached when RecordHeaders.TryRead(record, out AnswerHeader detached, out var error):
                // The child has no executor whose event could tell it.
                var lost = ResultReader.Copy(_link.Reader, error, detached.SharedObjects, detached.Took).Read<Exception>();
                _lines.Tell($"Work that nobody awaited has failed: {lost}");
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
