using Samovar.Ipc.Channel;
using Samovar.Processes.Protocol;
using Samovar.Tasks.Core;

namespace Samovar.Processes.Parent;

/// <summary>The serialized work of a task, kept until the task has completed because it may have to be sent again. Members marked "gate" and "turn"
/// need that lock of the <see cref="ProcessPool"/>.</summary>
internal sealed class SerializedTask(Future future, byte[] body, LargeBody? large, int definitionsNeeded, TaskFlags flags, DelegateKind kind) : ExecutorTaskState
{
    private byte[]? _body = body;
    private LargeBody? _large = large;
    private ITimer? _killTimer;
    private SharedWork? _work;
    private List<ResultSource>? _parts;

    public Future Future => future;

    /// <summary>The work, or a <see cref="SegmentRecord"/> if it is in a segment. Null after the task has completed.</summary>
    public byte[]? Body => Volatile.Read(ref _body);

    public int DefinitionsNeeded => definitionsNeeded;

    public TaskFlags Flags => flags;

    public DelegateKind Kind => kind;

    /// <summary>The context that flows with the work.</summary>
    public TaskSurroundings Surroundings { get; init; } = TaskSurroundings.None;

    /// <summary>The parent's ends of the live values in the work; null if it has none.</summary>
    public LivePorts? Ports { get; init; }

    /// <summary>The work that this task shares with others, held until the task has completed; null if it shares none.</summary>
    public SharedWork? Work
    {
        get => Volatile.Read(ref _work);
        init => _work = value;
    }

    /// <summary>Runs the callbacks for messages of the work, in order, on the thread pool; null until there is one.</summary>
    public SerialCallbackQueue? Callbacks { get; set; }

    /// <summary>Gate: the worker to which the task was sent last.</summary>
    public WorkerHandle? Worker { get; set; }

    /// <summary>Gate: the ticket with which it was sent last.</summary>
    public ItemTicket Ticket { get; set; }

    /// <summary>Gate: the attempt that was sent.</summary>
    public int Attempt { get; set; }

    /// <summary>Gate: how many workers had the task when they were marked as corrupted and died, although they reported that they had not started
    /// it.</summary>
    public int Suspicions { get; set; }

    /// <summary>Turn: the results of items so far, for the attempt that is running.</summary>
    public IReadOnlyList<ResultSource> Parts => Volatile.Read(ref _parts) is { } parts ? parts : Array.Empty<ResultSource>(); // not [], which is a list here

    /// <summary>Turn: how long the attempt that has a result ran, in ticks of the worker's <see cref="System.Diagnostics.Stopwatch"/>; 0 if no
    /// attempt has a result.</summary>
    public long Elapsed { get; set; }

    /// <summary>Why the task cannot be sent to any worker; null if it can.</summary>
    public Exception? Refusal { get; set; }

    /// <summary>Returns the length of the task's record in bytes.</summary>
    public int LengthOf(string name, byte[] body) => TaskMessage.LengthOf(name.Length, Surroundings.Trace.Length, Surroundings.Cultures.Length, body.Length);

    /// <summary>Gate: writes the task's record for the slot and the attempt with which it is sent.</summary>
    /// <param name="place">The destination, of the length that <see cref="LengthOf"/> returns.</param>
    /// <param name="name">The name to send.</param>
    /// <param name="body">The <see cref="Body"/> that the caller has read.</param>
    /// <param name="hint">Flags for this sending only, in addition to those of the task.</param>
    public void Compose(Span<byte> place, string name, byte[] body, TaskFlags hint)
    {
        var header = new TaskHeader
        {
            Generation = Ticket.Generation,
            Slot = Ticket.Slot,
            Id = future.Id,
            Attempt = Attempt,
            DefinitionsNeeded = definitionsNeeded,
            Kind = kind,
            Work = Work?.Number ?? 0,
            Flags = flags | hint,
        };
        new TaskMessage(header, name, Surroundings.Trace, Surroundings.Cultures, body).CopyTo(place);
    }

    /// <summary>Sets the timer that kills the worker when the grace period of a stop has elapsed.</summary>
    public void ArmKill(ITimer timer)
    {
        Interlocked.Exchange(ref _killTimer, timer)?.Dispose();
        if (Body is null) timer.Dispose(); // the task has completed meanwhile
    }

    /// <summary>Releases the body when the worker has read it and it is never sent again.</summary>
    public void BodyRead() => Volatile.Read(ref _large)?.Dispose();

    /// <summary>Turn: adds a result of items.</summary>
    public void AddPart(ResultSource part)
    {
        var parts = Volatile.Read(ref _parts);
        if (parts is null) Volatile.Write(ref _parts, parts = []);
        parts.Add(part);
    }

    /// <summary>Releases the results of items when an attempt has completed.</summary>
    public void DropParts()
    {
        if (Volatile.Read(ref _parts) is null || Interlocked.Exchange(ref _parts, null) is not { } parts) return;
        foreach (var part in parts) part.Release();
    }

    /// <summary>Abandons the memory of the body and of the shared work, because a thread that cannot be stopped may be reading it. A further
    /// attempt sends both again.</summary>
    public void LeaveBody()
    {
        Volatile.Write(ref _large, null);
        Work?.LeaveBody();
    }

    public override void Release()
    {
        Volatile.Write(ref _body, null);
        Interlocked.Exchange(ref _killTimer, null)?.Dispose(); // a full fence, see ArmKill
        Ports?.Close();
        DropParts();
        BodyRead();
        if (Work is not null) Interlocked.Exchange(ref _work, null)?.Release();
    }
}
