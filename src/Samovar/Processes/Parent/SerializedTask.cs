using Samovar.Ipc.Channel;
using Samovar.Processes.Protocol;
using Samovar.Tasks.Core;

namespace Samovar.Processes.Parent;

/// <summary>The serialized work of a task, kept until the task has completed because it may have to be sent again. Members marked "gate" and "turn"
/// need that lock of the <see cref="ProcessPool"/>.</summary>
internal sealed class SerializedTask(Future future, byte[] body, LargeBody? large, int definitionsNeeded, TaskFlags flags, DelegateKind kind) : ExecutorTaskState
{
    private byte[]? _body = body;
    private RareParts? _rare = large is null ? null : new RareParts { Large = large }; // what most tasks never have

    public Future Future => future;

    /// <summary>The work, or a <see cref="SegmentRecord"/> if it is in a segment. Null after the task has completed.</summary>
    public byte[]? Body => Volatile.Read(ref _body);

    public int DefinitionsNeeded => definitionsNeeded;

    public TaskFlags Flags => flags;

    public DelegateKind Kind => kind;

    /// <summary>The context that flows with the work.</summary>
    public TaskSurroundings Surroundings { get; init; } = TaskSurroundings.None;

    /// <summary>The parent's ends of the live values in the work; null if it has none.</summary>
    public LivePorts? Ports
    {
        get => Rare?.Ports;
        init
        {
            if (value is not null) EnsureRare().Ports = value;
        }
    }

    /// <summary>The work that this task shares with others, held until the task has completed; null if it shares none.</summary>
    public SharedWork? Work
    {
        get => Rare is { } rare ? Volatile.Read(ref rare.Work) : null;
        init
        {
            if (value is not null) EnsureRare().Work = value;
        }
    }

    /// <summary>The kept result that the task takes, so that only one worker can run it; null if it takes none.</summary>
    public KeptResult? Input
    {
        get => Rare?.Input;
        init
        {
            if (value is not null) EnsureRare().Input = value;
        }
    }

    /// <inheritdoc/>
    public override TaskShipping? Shipping => Rare?.Shipping;

    /// <summary>Records what it took to serialize the task. Called before the task is attached to its future.</summary>
    public void NoteShipping(TaskShipping shipping) => EnsureRare().Shipping = shipping;

    /// <summary>Runs the callbacks for messages of the work, in order, on the thread pool; null until there is one.</summary>
    public SerialCallbackQueue? Callbacks
    {
        get => Rare?.Callbacks;
        set => EnsureRare().Callbacks = value;
    }

    /// <summary>Gate: the worker to which the task was sent last.</summary>
    public WorkerHandle? Worker { get; set; }

    /// <summary>Gate: the ticket with which it was sent last.</summary>
    public ItemTicket Ticket { get; set; }

    /// <summary>Gate: the attempt that was sent.</summary>
    public int Attempt { get; set; }

    /// <summary>Gate: how many workers had the task when they were marked as corrupted and died, although they reported that they had not started
    /// it.</summary>
    public int Suspicions
    {
        get => Rare?.Suspicions ?? 0;
        set => EnsureRare().Suspicions = value;
    }

    /// <summary>Turn: the results of items so far, for the attempt that is running.</summary>
    public IReadOnlyList<ResultSource> Parts =>
        Rare is { } rare && Volatile.Read(ref rare.Parts) is { } parts ? parts : Array.Empty<ResultSource>(); // not [], which is a list here

    /// <summary>Turn: how long the attempt that has a result ran, in ticks of the worker's <see cref="System.Diagnostics.Stopwatch"/>; 0 if no
    /// attempt has a result.</summary>
    public long Elapsed { get; set; }

    /// <summary>Why the task cannot be sent to any worker; null if it can.</summary>
    public Exception? Refusal
    {
        get => Rare?.Refusal;
        set => EnsureRare().Refusal = value;
    }

    private RareParts? Rare => Volatile.Read(ref _rare);

    /// <summary>Returns the length of the task's record in bytes.</summary>
    /// <param name="name">The name to send.</param>
    /// <param name="body">The <see cref="Body"/> that the caller has read.</param>
    /// <param name="resources">The resources of the attempt.</param>
    public int LengthOf(string name, byte[] body, string resources) =>
        TaskMessage.LengthOf(name.Length, Surroundings.Trace.Length, Surroundings.Cultures.Length, body.Length, resources.Length);

    /// <summary>Gate: writes the task's record for the slot and the attempt with which it is sent.</summary>
    /// <param name="place">The destination, of the length that <see cref="LengthOf"/> returns.</param>
    /// <param name="name">The name to send.</param>
    /// <param name="body">The <see cref="Body"/> that the caller has read.</param>
    /// <param name="resources">The resources of the attempt.</param>
    /// <param name="hint">Flags for this sending only, in addition to those of the task.</param>
    public void Compose(Span<byte> place, string name, byte[] body, string resources, TaskFlags hint)
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
        new TaskMessage(header, name, Surroundings.Trace, Surroundings.Cultures, body, resources).CopyTo(place);
    }

    /// <summary>Sets the timer that kills the worker when the grace period of a stop has elapsed.</summary>
    public void ArmKill(ITimer timer)
    {
        // SYNC: kill timer against release. The timer is published, then the body is read.
        Interlocked.Exchange(ref EnsureRare().KillTimer, timer)?.Dispose();
        if (Body is null) timer.Dispose(); // the task has completed meanwhile
    }

    /// <summary>Releases the body when the worker has read it and it is never sent again.</summary>
    public void BodyRead()
    {
        if (Rare is { } rare) Volatile.Read(ref rare.Large)?.Dispose();
    }

    /// <summary>Turn: adds a result of items.</summary>
    public void AddPart(ResultSource part)
    {
        var rare = EnsureRare();
        var parts = Volatile.Read(ref rare.Parts);
        if (parts is null) Volatile.Write(ref rare.Parts, parts = []);
        parts.Add(part);
    }

    /// <summary>Releases the results of items when an attempt has completed.</summary>
    public void DropParts()
    {
        if (Rare is not { } rare || Interlocked.Exchange(ref rare.Parts, null) is not { } parts) return;
        foreach (var part in parts) part.Release();
    }

    /// <summary>Abandons the memory of the body and of the shared work, because a thread that cannot be stopped may be reading it. A further
    /// attempt sends both again.</summary>
    public void LeaveBody()
    {
        if (Rare is { } rare) Volatile.Write(ref rare.Large, null);
        Work?.LeaveBody();
    }

    public override void Release()
    {
        // SYNC: kill timer against release. The body is dropped, then the timer is read.
        Volatile.Write(ref _body, null);
        Interlocked.MemoryBarrier();
        if (Rare is not { } rare) return;
        Interlocked.Exchange(ref rare.KillTimer, null)?.Dispose();
        rare.Ports?.Close();
        DropParts();
        BodyRead();
        Interlocked.Exchange(ref rare.Work, null)?.Release();
    }

    private RareParts EnsureRare()
    {
        if (Rare is { } rare) return rare;
        var fresh = new RareParts();
        return Interlocked.CompareExchange(ref _rare, fresh, null) ?? fresh;
    }

    private sealed class RareParts
    {
        public LargeBody? Large;
        public LivePorts? Ports;
        public SharedWork? Work;
        public KeptResult? Input;
        public TaskShipping? Shipping;
        public ITimer? KillTimer;
        public List<ResultSource>? Parts;
        public SerialCallbackQueue? Callbacks;
        public Exception? Refusal;
        public int Suspicions;
    }
}
