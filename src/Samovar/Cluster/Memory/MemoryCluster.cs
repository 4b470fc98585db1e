using System.Collections.Concurrent;

namespace Samovar.Cluster.Memory;

/// <summary>The queues, members and blobs of one cluster. Thread-safe.</summary>
internal sealed class MemoryCluster
{
    private readonly ConcurrentDictionary<string, MemoryConnection> _members = new(StringComparer.Ordinal);
    private readonly MemoryQueue[] _queues = [new(TaskPriority.Low), new(TaskPriority.Normal), new(TaskPriority.High)];
    private readonly Lock _gate = new();
    private readonly LinkedList<ClusterDeadLetter> _dead = new(); // gate: the oldest first

    public ConcurrentDictionary<string, byte[]> Blobs { get; } = new(StringComparer.Ordinal);

    public ICollection<MemoryConnection> Members => _members.Values;

    public IReadOnlyList<MemoryQueue> Queues => _queues;

    public MemoryQueue this[TaskPriority priority] => _queues[(int)priority + 1];

    public void Add(MemoryConnection connection) => _members[connection.Address] = connection;

    public void Remove(MemoryConnection connection) => _members.TryRemove(connection.Address, out _);

    public MemoryConnection? Find(string address) => _members.GetValueOrDefault(address);

    public void AddDead(ClusterDeadLetter letter)
    {
        lock (_gate) _dead.AddLast(letter);
    }

    /// <summary>Passes dead letters to a function that decides what becomes of them; returns how many.</summary>
    public int Review(Func<ClusterDeadLetter, DeadLetterAction> decide, int most)
    {
        List<ClusterDeadLetter> taken = [];
        lock (_gate)
        {
            for (; taken.Count < most && _dead.First is { } first; _dead.RemoveFirst()) taken.Add(first.Value);
        }

        var kept = new Stack<ClusterDeadLetter>();
        int decided = 0;
        try
        {
            foreach (var letter in taken)
            {
                var action = decide(letter);
                if (action == DeadLetterAction.Retry) this[letter.Priority].Put(letter.Body);
                else if (action == DeadLetterAction.Keep) kept.Push(letter);
                decided++;
            }
        }
        finally
        {
            lock (_gate)
            {
                for (int i = taken.Count - 1; i >= decided; i--) _dead.AddFirst(taken[i]);
                foreach (var letter in kept) _dead.AddFirst(letter);
            }
        }

        return taken.Count;
    }

    public ClusterQueueDepth GetDepth()
    {
        int dead;
        lock (_gate) dead = _dead.Count;
        return new(this[TaskPriority.High].Count, this[TaskPriority.Normal].Count, this[TaskPriority.Low].Count, dead);
    }
}
