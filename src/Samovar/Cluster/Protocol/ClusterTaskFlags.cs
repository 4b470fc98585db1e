namespace Samovar.Cluster.Protocol;

/// <summary>Properties of a task in a message.</summary>
[Flags]
internal enum ClusterTaskFlags : byte
{
    None = 0,

    /// <summary>The delegate returns a result.</summary>
    BringsResult = 1,

    /// <summary>The work has live values.</summary>
    IsLive = 2,

    /// <summary>The node reports the start of the task: its timeout counts from there.</summary>
    ReportsStart = 4,

    /// <summary>In a message only: the work is a blob.</summary>
    IsBlob = 8,

    /// <summary>The work creates the instance of an actor, which the node keeps in a worker of its own.</summary>
    CreatesActor = 16,

    /// <summary>In a message only: the task requires resources, and was sent to a node that has them.</summary>
    HasRequirements = 32,
}
