using Samovar.Ipc.Channel;
using Samovar.Processes.Protocol;
using Samovar.Tasks.Core;

namespace Samovar.Processes.Parent;

/// <summary>A task's work as bytes, kept until the task has ended: it may have to be sent again. Members marked "gate" and "turn" need that lock
/// of the <see cref="ProcessPool"/>.</summary>
internal sealed class SerializedTask(Future future, byte[] body, LargeBody? large, int definitionsNeeded, TaskFlags flags, DelegateKind kind) : ExecutorTaskState
{
    private byte[]? _body = body;
    private LargeBody? _large = large;
    private ITimer? _killTimer;
    private SharedWork? _work;
    private List<ResultSource>? _parts;

    public Future Future => future;

    /// <summary>The work; a <see cref="SegmentRecord"/> where it lies in a segment. Null once the task has ended.</summary>
    public byte[]? Body => Volatile.Read(ref _body);

    public int DefinitionsNeeded => definitionsNeeded;

    public TaskFlags Flags => flags;

    public DelegateKind Kind => kind;

    /// <summary>What flows with the work.</summary>
    public TaskSurroundings Surroundings { get; init; } = TaskSurroundings.None;

    /// <summary>The parent's ends of the live values in the work; null for none.</summary>
    public LivePorts? Ports { get; init; }

    /// <summary>The work it shares with others, held by this until the task has ended; null for none.</summary>
    public SharedWork? Work
    {
        get => Volatile.Read(ref _work);
        init => _work = value;
    }

    /// <summary>What the work reports is handed on here, in order, by the thread pool; null until there is something.</summary>
    public SerialCallbackQueue? Callbacks { get; set; }

    /// <summary>Gate: to whom it was sent last.</summary>
    public WorkerHandle? Worker { get; set; }

    /// <summary>Gate: as what.</summary>
    public ItemTicket Ticket { get; set; }

    /// <summary>Gate: the attempt that was sent.</summary>
    public int Attempt { get; set; }

    /// <summary>Gate: how many workers had it and died marked as corrupted, saying that they had not begun it.</summary>
    public int Suspicions { get; set; }

    /// <summary>Turn: what its items have brought so far, of the attempt that runs.</summary>
    public IReadOnlyList<ResultSource> Parts => Volatile.Read(ref _parts) ?? [];

    /// <summary>Turn: how long the attempt that was answered ran, in ticks of the worker's <see cref="System.Diagnostics.Stopwatch"/>; 0 where none
    /// was.</summary>
    public long Elapsed { get; set; }

    /// <summary>Why it can be sent nowhere; null for nothing.</summary>
    public Exception? Refusal { get; set; }

    /// <summary>Bytes of the task's record.</summary>
    public int LengthOf(string name, byte[] body) => TaskMessage.LengthOf(name.Length, Surroundings.Trace.Length, Surroundings.Cultures.Length, body.Length);

    /// <summary>Gate: writes the task's record for the slot and the attempt that it was sent as.</summary>
    /// <param name="place">As long as <see cref="LengthOf"/> says.</param>
    /// <param name="name">The name as it travels.</param>
    /// <param name="body">The <see cref="Body"/>, as the caller has seen it.</param>
    /// <param name="hint">What this sending adds to the task's traits.</param>
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

    /// <summary>Runs when the grace of a stop is over.</summary>
    public void ArmKill(ITimer timer)
    {
        Interlocked.Exchange(ref _killTimer, timer)?.Dispose();
        if (Body is null) timer.Dispose(); // the task has ended meanwhile
    }

    /// <summary>The worker has read a body that is never sent again.</summary>
    public void BodyRead() => Volatile.Read(ref _large)?.Dispose();

    /// <summary>Turn: items have brought more.</summary>
    public void AddPart(ResultSource part)
    {
        var parts = Volatile.Read(ref _parts);
        if (parts is null) Volatile.Write(ref _parts, parts = []);
        parts.Add(part);
    }

    /// <summary>Lets go of what items have brought: the attempt is over.</summary>
    public void DropParts()
    {
        foreach (var part in Interlocked.Exchange(ref _parts, null) ?? []) part.Release();
    }

    /// <summary>A thread that cannot be ended may be reading the body, or the work that it shares: their memory stays for good. A further
    /// attempt sends both again.</summary>
    public void LeaveBody()
    {
        Volatile.Write(ref _large, null);
        Work?.LeaveBody();
    }

    public override void Release()
    {
        Volatile.Write(ref _body, null);
        Interlocked.Exchange(ref _killTimer, null)?.Dispose();
        Ports?.Close();
        DropParts();
        BodyRead();
        Interlocked.Exchange(ref _work, null)?.Release();
    }
}
