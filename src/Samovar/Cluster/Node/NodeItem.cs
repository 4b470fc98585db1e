using Samovar.Cluster.Protocol;
using Samovar.Cluster.Worker;
using Samovar.Tasks.Completions;

namespace Samovar.Cluster.Node;

/// <summary>An attempt that the node has received. The gate of the node guards what changes.</summary>
internal sealed class NodeItem(NodeItems items, TasksMessage message, TaskEntry entry, TaskPriority priority) : Completion
{
    private int _liveSent;
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

    /// <summary>When it was claimed or reported last, as a timestamp of <see cref="System.Diagnostics.Stopwatch"/>.</summary>
    public long SentAt { get; set; }

    /// <summary>The outcome; null until there is one.</summary>
    public ResultEntry? Result { get; set; }

    /// <summary>How many messages of live values have arrived for it.</summary>
    public int LiveReceived { get; set; }

    /// <summary>Whether it must stop as soon as it runs: the request overtook the permission to start.</summary>
    public bool IsStopRequested { get; set; }

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
