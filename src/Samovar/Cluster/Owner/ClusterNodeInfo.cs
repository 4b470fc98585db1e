using Samovar.Cluster.Protocol;

namespace Samovar.Cluster.Owner;

/// <summary>A node as its owner knows it. The gate of the <see cref="OwnerTasks"/> guards what changes.</summary>
internal sealed class ClusterNodeInfo(Guid id, string name, string address, long number)
{
    public Guid Id => id;

    public string Name => name;

    public string Address => address;

    /// <summary>How many tasks it runs at the same time; 0 until it has reported that.</summary>
    public int Workers { get; set; }

    public NodeState State { get; set; }

    /// <summary>Its latest report of itself; null until there is one.</summary>
    public BeaconMessage? Beacon { get; set; }

    /// <summary>Its workers and resources as text.</summary>
    public string Text => string.Concat([$"{Workers} workers", .. (Beacon?.Resources ?? []).Select(static one => $"; {one.Statistics.Text}")]);

    /// <summary>When that report arrived, as a timestamp of the clock of the <see cref="OwnerTasks"/>.</summary>
    public long BeaconAt { get; set; }

    /// <summary>The position in the order in which nodes were seen first.</summary>
    public long Number => number;

    /// <summary>The build of its own program.</summary>
    public BuildId Build { get; set; }

    /// <summary>Set by <see cref="NodeLoads"/>: how many tasks it has received and not claimed, less those that the owner has requested for others.</summary>
    public int Held { get; set; }

    /// <summary>Set by <see cref="NodeLoads"/>: how many of its workers have nothing to do, as far as is known.</summary>
    public int Idle { get; set; }

    /// <summary>Whether it has refused tasks of this owner, and claimed none since.</summary>
    public bool HasRefused { get; set; }

    /// <summary>Whether it may accept a task: it accepts tasks, has not refused the program, and has what the task requires, as far as is known.</summary>
    public bool MayAccept(Future task) => !HasRefused && State == NodeState.Accepting
        && (task.Options.RequiredAmounts is not { } amounts || Beacon is not { } beacon
            || amounts.Units.All(one => beacon.Resources.Any(resource => resource.Name == one.Key && resource.Total >= one.Value)));

    /// <summary>When its last message arrived, as a timestamp of the clock of the <see cref="OwnerTasks"/>.</summary>
    public long SeenAt { get; set; }

    /// <summary>The tasks that it runs for this owner.</summary>
    public HashSet<ClusterTask> Running { get; } = [];
}
