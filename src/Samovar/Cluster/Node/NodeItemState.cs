namespace Samovar.Cluster.Node;

/// <summary>The progress of an attempt on its node.</summary>
internal enum NodeItemState
{
    /// <summary>Received; waits for a free worker.</summary>
    Held,

    /// <summary>Received for this node alone; waits for its resources and a free worker, or for its work to be fetched.</summary>
    Waiting,

    /// <summary>It is being published again, for other nodes.</summary>
    Forwarding,

    /// <summary>The node has requested permission to start it from the owner.</summary>
    Claimed,

    /// <summary>The owner has agreed.</summary>
    Running,

    /// <summary>It has completed, and its outcome is on the way to the owner.</summary>
    Reported,
}
