namespace Samovar.Cluster.Node;

/// <summary>Attempts in the order of their priority and arrival. Those that have left are skipped. Not thread-safe: the gate of the <see cref="NodeItems"/>
/// guards it.</summary>
/// <param name="isHere">Whether an attempt is still in this order.</param>
internal sealed class HeldItems(Func<NodeItem, bool> isHere)
{
    private const int Few = 64;

    private readonly Queue<NodeItem>[] _queues = [new(), new(), new()]; // by priority

    /// <summary>Adds an attempt.</summary>
    /// <param name="item">The attempt.</param>
    /// <param name="live">How many attempts may be here at most; if the greater part of the entries has left, they are removed.</param>
    public void Add(NodeItem item, int live)
    {
        var queue = _queues[(int)item.Priority + 1];
        if (queue.Count > Few && queue.Count > 2 * live)
        {
            var kept = queue.Where(isHere).ToList();
            queue.Clear();
            foreach (var entry in kept) queue.Enqueue(entry);
        }

        queue.Enqueue(item);
    }

    /// <summary>Takes the first attempt; returns null if the order is empty.</summary>
    public NodeItem? Take()
    {
        for (int level = _queues.Length - 1; level >= 0; level--)
        {
            while (_queues[level].TryDequeue(out var item))
            {
                if (isHere(item)) return item;
            }
        }

        return null;
    }
}
