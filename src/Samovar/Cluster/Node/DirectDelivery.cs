namespace Samovar.Cluster.Node;

/// <summary>Tasks that came to the node itself and not through a task queue: the broker does not keep them, and nothing is acknowledged.</summary>
/// <param name="priority">Their priority.</param>
internal sealed class DirectDelivery(TaskPriority priority) : ClusterDelivery
{
    public override ReadOnlyMemory<byte> Body => default;

    public override TaskPriority Priority => priority;

    public override int PreviousDeliveries => 0;

    public override bool IsLost => false;

    public override void Acknowledge()
    {
        // The owner repeats what is not claimed.
    }

    public override void Return()
    {
        // As above.
    }

    public override void DeadLetter(string reason)
    {
        // As above.
    }
}
