namespace Samovar.Cluster.Node;

/// <summary>A delivery with the number of its tasks that are not settled. The gate of the node guards it.</summary>
internal sealed class NodeBundle(ClusterDelivery delivery, int tasks, long receivedAt)
{
    private int _open = tasks;

    public ClusterDelivery Delivery => delivery;

    /// <summary>When it was received, as a timestamp of the clock of the node.</summary>
    public long ReceivedAt => receivedAt;

    /// <summary>Records that a task is settled. The last one acknowledges the delivery.</summary>
    public void SettleOneLocked()
    {
        if (--_open == 0) delivery.Acknowledge();
    }
}
