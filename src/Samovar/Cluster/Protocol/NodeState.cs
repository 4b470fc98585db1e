namespace Samovar.Cluster.Protocol;

/// <summary>Whether a node accepts tasks.</summary>
internal enum NodeState : byte
{
    Accepting = 0,

    /// <summary>It completes the tasks that it runs, and accepts no more.</summary>
    Draining = 1,

    /// <summary>It has left: it runs nothing any more.</summary>
    Gone = 2,
}
