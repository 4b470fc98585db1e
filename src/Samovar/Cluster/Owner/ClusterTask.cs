using Samovar.Cluster.Protocol;
using Samovar.Processes.Parent;
using Samovar.Tasks.Core;

namespace Samovar.Cluster.Owner;

/// <summary>The serialized work of a task, kept until the task has completed because it may have to be sent again, and where the task is. Members marked
/// "gate" need the gate of the <see cref="OwnerTasks"/>.</summary>
internal sealed class ClusterTask(Future future, DelegateKind kind, ClusterTaskFlags flags, byte[] body, int definitionsNeeded) : ExecutorTaskState
{
    private byte[]? _body = body;
    private ITimer? _killTimer;

    /// <summary>The longest name of a task that its worker receives, in characters.</summary>
    private const int LongestName = 2048;

    public Future Future => future;

    public int DefinitionsNeeded => definitionsNeeded;

    /// <summary>The length of the work in bytes.</summary>
    public int Length { get; } = body.Length;

    public byte[] Cultures { get; init; } = [];

    public string Trace { get; init; } = "";

    /// <summary>The work that this task shares with others; null if it shares none.</summary>
    public ClusterSharedWork? Shared { get; init; }

    /// <summary>The owner's ends of the live values in the work; null if it has none.</summary>
    public LivePorts? Ports { get; init; }

    /// <summary>Gate: the attempt that was sent; 0 while none is.</summary>
    public int Attempt { get; set; }

    /// <summary>Gate: the node that runs the attempt; null while none does.</summary>
    public ClusterNodeInfo? Node { get; set; }

    /// <summary>Gate: the <see cref="ClaimMessage.Number"/> of the node's latest claim for the attempt.</summary>
    public long Claim { get; set; }

    /// <summary>Gate: the latest request to stop the attempt, which is repeated if its node has missed it; null for none.</summary>
    public StopRequest? Stop { get; set; }

    /// <summary>Gate: how many messages of live values were sent to the node.</summary>
    public int LiveSent { get; set; }

    /// <summary>How many messages of live values have arrived from the node. Used by the callbacks of the owner, one at a time.</summary>
    public int LiveReceived { get; set; }

    /// <summary>How long the attempt that has an outcome ran on its node; zero if unknown. Written by the thread that completes it.</summary>
    public TimeSpan Elapsed { get; set; }

    /// <summary>Returns the task for a message; null after completion.</summary>
    public TaskEntry? CreateEntry() => Volatile.Read(ref _body) is not { } work
        ? null
        : new TaskEntry(new TaskKey(future.Id, Attempt), kind, flags)
        {
            Name = NameOf(future),
            Trace = Trace,
            Shared = Shared?.Body.Number ?? 0,
            Cultures = Cultures,
            Body = work,
        };

    private static string NameOf(Future future)
    {
        string name = future.Name ?? "";
        return name.Length <= LongestName ? name : name[..LongestName];
    }

    /// <summary>Sets the timer that kills the worker when the grace period of a stop has elapsed.</summary>
    public void ArmKill(ITimer timer)
    {
        // SYNC: cluster kill timer against release. The timer is published, then the body is read.
        Interlocked.Exchange(ref _killTimer, timer)?.Dispose();
        if (Volatile.Read(ref _body) is null) timer.Dispose(); // the task has completed meanwhile
    }

    public override void Release()
    {
        // SYNC: cluster kill timer against release. The body is dropped, then the timer is read.
        Volatile.Write(ref _body, null);
        Interlocked.MemoryBarrier();
        Interlocked.Exchange(ref _killTimer, null)?.Dispose();
        Ports?.Close();
    }
}
