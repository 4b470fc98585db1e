namespace Samovar.Cluster.Owner;

/// <summary>Whether a call of an actor has started.</summary>
internal enum CallStart
{
    /// <summary>It was sent to the node, and runs.</summary>
    Started,

    /// <summary>It has completed meanwhile: it was cancelled.</summary>
    Completed,

    /// <summary>The executor shuts down; the caller cancels the call.</summary>
    Discarded,

    /// <summary>The node is not known any more.</summary>
    NodeIsGone,
}
