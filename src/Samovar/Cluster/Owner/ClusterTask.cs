using Samovar.Cluster.Protocol;
using Samovar.Processes.Parent;
using Samovar.Tasks.Core;
using Samovar.Tasks.Running;

namespace Samovar.Cluster.Owner;

/// <summary>The serialized work of a task, kept until the task has completed because it may have to be sent again, and where the task is. Members marked
/// "gate" need the gate of the <see cref="OwnerTasks"/>.</summary>
internal sealed class ClusterTask(ClusterCore core, Future future, DelegateKind kind, ClusterTaskFlags flags, byte[] body, int definitionsNeeded) : ExecutorTaskState
{
    private readonly QueueRoom? _room = core.Room;
    private Work? _work = new(body, null);
    private ITimer? _killTimer;
    private TaskShipping? _shipping;
    private bool _hasEnded;
    private ActorPlace? _placeOfActor;
    private int _place = core.Room is not null && !future.HasItems ? 1 : 0; // Interlocked: 1 while it has a place in the room

    /// <summary>The longest name of a task that its worker receives, in characters.</summary>
    private const int LongestName = 2048;

    public Future Future => future;

    public int DefinitionsNeeded => definitionsNeeded;

    /// <summary>Whether it creates the instance of an actor.</summary>
    public bool CreatesActor => (flags & ClusterTaskFlags.CreatesActor) != ClusterTaskFlags.None;

    /// <summary>The length of the work in bytes.</summary>
    public int Length { get; } = body.Length;

    /// <summary>Whether the work is too long for a message.</summary>
    public bool IsLong => Length > PayloadLimits.Inline;

    public byte[] Cultures { get; init; } = [];

    public string Trace { get; init; } = "";

    /// <summary>The work that this task shares with others; null if it shares none.</summary>
    public ClusterSharedWork? Shared { get; init; }

    /// <summary>The owner's ends of the live values in the work; null if it has none.</summary>
    public LivePorts? Ports { get; init; }

    /// <summary>Gate: the attempt that was sent; 0 while none is.</summary>
    public int Attempt { get; set; }

    /// <summary>Gate: when the attempt was sent, as a timestamp of the clock of the tasks.</summary>
    public long SentAt { get; set; }

    /// <summary>Gate: the node that runs the attempt; null while none does.</summary>
    public ClusterNodeInfo? Node { get; set; }

    /// <summary>Gate: the <see cref="ClaimMessage.Number"/> of the node's latest claim for the attempt.</summary>
    public long Claim { get; set; }

    /// <summary>Gate: when the node last claimed the attempt or reported that it has it, as a timestamp of the clock of the tasks.</summary>
    public long ReportedAt { get; set; }

    /// <summary>Gate: the question to the node whether it still has the attempt; null for none.</summary>
    public NodeProbe? Probe { get; set; }

    /// <summary>Gate: how often nodes have refused the attempt that was sent.</summary>
    public int Refusals { get; set; }

    /// <summary>Gate: when a node refused the attempt first, as a timestamp of the clock of the tasks.</summary>
    public long RefusedAt { get; set; }

    /// <summary>Gate: whether it is published again after a pause, because a node has refused it.</summary>
    public bool IsPausing { get; set; }

    /// <summary>Gate: the latest request to stop the attempt, which is repeated if its node has missed it; null for none.</summary>
    public StopRequest? Stop { get; set; }

    /// <summary>Gate for writing; the instance that the call was sent to. Null if it is not a call, or was not sent.</summary>
    public ActorPlace? Place
    {
        get => Volatile.Read(ref _placeOfActor); // SYNC: call sent
        set => Volatile.Write(ref _placeOfActor, value); // SYNC: call sent
    }

    /// <summary>Gate: the <see cref="ActorCallMessage.Number"/> of a call.</summary>
    public long CallNumber { get; set; }

    /// <summary>Gate: how many messages of live values were sent to the node.</summary>
    public int LiveSent { get; set; }

    /// <summary>Whether the attempt has completed on its node, and its result is on the way: its timeout does not count that.</summary>
    public bool HasEnded
    {
        get => Volatile.Read(ref _hasEnded);
        set => Volatile.Write(ref _hasEnded, value);
    }

    /// <inheritdoc/>
    public override TaskShipping? Shipping => _shipping;

    /// <summary>Records what it took to serialize the task. Called before the task is attached to its future.</summary>
    public void NoteShipping(TaskShipping shipping) => _shipping = shipping;

    /// <summary>How many messages of live values have arrived from the node. Used by the callbacks of the owner, one at a time.</summary>
    public int LiveReceived { get; set; }

    /// <summary>How many reports of progress have arrived from the node. Used by the callbacks of the owner, one at a time.</summary>
    public int ProgressReceived { get; set; }

    /// <summary>How long the attempt that has an outcome ran on its node; zero if unknown. Written by the thread that completes it.</summary>
    public TimeSpan Elapsed { get; set; }

    /// <summary>Returns the task for a message; null after completion.</summary>
    public TaskEntry? CreateEntry() => Volatile.Read(ref _work) is not { } work
        ? null
        : new TaskEntry(new TaskKey(future.Id, Attempt), kind, flags)
        {
            Name = NameOf(future),
            Trace = Trace,
            Shared = Shared?.Body.Number ?? 0,
            Cultures = Cultures,
            Body = work.Body,
            Blob = work.Blob,
            Requires = future.Options.RequiredAmounts is { } amounts ? new TaskRequirements(future.Options.Priority, [.. amounts.Units]) : null,
        };

    /// <summary>Whether the resources of the task are on another node: this one has an older copy.</summary>
    public bool IsPlacedElsewhere(Guid node) => future.Controls?.Grant?.Source is { } source && source.Node != node;

    /// <summary>Whether its work is long and not yet stored.</summary>
    public bool IsStoring => IsLong && Volatile.Read(ref _work) is { Blob: null };

    /// <summary>Stores long work as a blob, once; the bytes are not kept.</summary>
    public async ValueTask StoreAsync()
    {
        if (!IsLong || Volatile.Read(ref _work) is not { Blob: null } work) return;
        var blob = await core.Blobs.PutAsync("work", work.Body).ConfigureAwait(false);

        // SYNC: cluster work stored or released
        if (Interlocked.CompareExchange(ref _work, new Work([], blob), work) != work) core.Blobs.Delete(blob); // the task has completed meanwhile
    }

    /// <summary>Takes a place among the tasks that wait to be published, if this one has none.</summary>
    public void EnterQueue()
    {
        if (_room is null || Volatile.Read(ref _place) != 0) return;
        _room.TakeRegardless();

        // SYNC: cluster place against release. The place is taken, then the work is read.
        Interlocked.Exchange(ref _place, 1);
        if (Volatile.Read(ref _work) is null) LeaveQueue();
    }

    /// <summary>Returns the place.</summary>
    public void LeaveQueue()
    {
        if (Interlocked.Exchange(ref _place, 0) != 0) _room!.GiveBack();
    }

    private static string NameOf(Future future)
    {
        string name = future.Name ?? "";
        return name.Length <= LongestName ? name : name[..LongestName];
    }

    /// <summary>Sets the timer that kills the worker when the grace period of a stop has elapsed.</summary>
    public void ArmKill(ITimer timer)
    {
        // SYNC: cluster kill timer against release. The timer is published, then the work is read.
        Interlocked.Exchange(ref _killTimer, timer)?.Dispose();
        if (Volatile.Read(ref _work) is null) timer.Dispose(); // the task has completed meanwhile
    }

    public override void Release()
    {
        // SYNC: cluster kill timer against release. The work is dropped, then the timer is read.
        // SYNC: cluster place against release. The work is dropped, then the place is returned.
        // SYNC: cluster work stored or released
        var work = Interlocked.Exchange(ref _work, null);
        Interlocked.Exchange(ref _killTimer, null)?.Dispose();
        LeaveQueue();
        if (work?.Blob is { } blob) core.Blobs.Delete(blob);
        Shared?.Release();
        Ports?.Close();
        core.Actor?.Completed(future);
    }

    /// <summary>The work: its bytes, or the blob in which they are stored.</summary>
    private sealed record Work(byte[] Body, BlobReference? Blob);
}
