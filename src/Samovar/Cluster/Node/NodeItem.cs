using Samovar.Cluster.Protocol;
using Samovar.Cluster.Worker;
using Samovar.Tasks.Completions;

namespace Samovar.Cluster.Node;

/// <summary>An attempt that the node has received. The gate of the node guards what changes.</summary>
internal sealed class NodeItem(NodeItems items, TasksMessage message, TaskEntry entry, TaskPriority priority) : Completion
{
    private int _liveSent;
    private bool _isNodeLeaving;
    private int _progressSent;

    /// <summary>The message in which it came.</summary>
    public TasksMessage Message => message;

    public TaskEntry Entry => entry;

    public TaskPriority Priority => priority;

    public NodeItemKey Key => new(message.Owner, entry.Key);

    public NodeItemState State { get; set; }

    /// <summary>The deliveries that carry it: more than one if the broker has delivered it again.</summary>
    public List<NodeBundle> Bundles { get; } = [];

    /// <summary>The <see cref="ClaimMessage.Number"/> of the latest claim.</summary>
    public long Claim { get; set; }

    /// <summary>When it was received, claimed or reported last, as a timestamp of the clock of the node.</summary>
    public long SentAt { get; set; }

    /// <summary>The outcome; null until there is one.</summary>
    public ResultEntry? Result { get; set; }

    /// <summary>How many messages of live values have arrived for it.</summary>
    public int LiveReceived { get; set; }

    /// <summary>Whether it must stop as soon as it runs: the request overtook the permission to start.</summary>
    public bool IsStopRequested { get; set; }

    /// <summary>Whether it is a call of an actor.</summary>
    public bool IsCall { get; init; }

    /// <summary>Whether it creates the instance of an actor.</summary>
    public bool CreatesActor => (entry.Flags & ClusterTaskFlags.CreatesActor) != ClusterTaskFlags.None;

    /// <summary>What it requires; null for nothing.</summary>
    public NodeGrant? Grant { get; set; }

    /// <summary>The actor whose worker runs it; null for none, and until it runs.</summary>
    public NodeActor? Actor { get; set; }

    /// <summary>The pool that runs it; null until it runs.</summary>
    public NodePool? Pool { get; set; }

    /// <summary>Whether its node leaves and has cancelled its token. Volatile: read by the thread that completes the task.</summary>
    public bool IsNodeLeaving
    {
        get => Volatile.Read(ref _isNodeLeaving); // SYNC: node leaves
        set => Volatile.Write(ref _isNodeLeaving, value); // SYNC: node leaves
    }

    /// <summary>Its task in the pool; null until it runs.</summary>
    public NodeTask? Task { get; set; }

    /// <summary>Connects its live values; null if it has none, or does not run.</summary>
    public ClusterLink? Link { get; set; }

    /// <summary>The work that it shares with others; null for none.</summary>
    public SharedBody? Shared => entry.Shared == 0 ? null : message.Shared.FirstOrDefault(work => work.Number == entry.Shared);

    /// <summary>Its work, if that was a blob; null until it is fetched, and when the work was passed to the pool.</summary>
    public byte[]? FetchedWork { get; set; }

    /// <summary>Like <see cref="FetchedWork"/>, for the work that it shares with others.</summary>
    public byte[]? FetchedShared { get; set; }

    /// <summary>Why a blob could not be fetched: it fails with this error when it is permitted to start.</summary>
    public Exception? FetchError { get; set; }

    /// <summary>Cancels the fetch; null if it has no place among the fetches, see <see cref="NodeItems"/>.</summary>
    public CancellationTokenSource? Fetch { get; set; }

    /// <summary>Whether the fetch is under way.</summary>
    public bool IsFetching { get; set; }

    /// <summary>Interlocked: how many reports of progress were sent to the owner.</summary>
    public ref int ProgressSent => ref _progressSent;

    /// <summary>Interlocked: how many messages of live values were sent to the owner.</summary>
    public ref int LiveSent => ref _liveSent;

    /// <summary>Called by the pool when the task has completed.</summary>
    public override void Signal(Future future) => items.Complete(this);
}
