namespace Samovar.Cluster.Node;

/// <summary>Whether a node has work for others, or workers for theirs.</summary>
internal enum NodeLoad
{
    /// <summary>Each worker has work, and no task waits.</summary>
    Balanced,

    /// <summary>Workers have no work.</summary>
    Idle,

    /// <summary>Tasks wait for a worker.</summary>
    Holding,
}
