using System.Collections.Concurrent;

namespace Samovar.Cluster.Memory;

/// <summary>The queues, members and blobs of one cluster. Thread-safe.</summary>
internal sealed class MemoryCluster
{
    private readonly ConcurrentDictionary<string, MemoryConnection> _members = new(StringComparer.Ordinal);
    private readonly MemoryQueue[] _queues = [new(TaskPriority.Low), new(TaskPriority.Normal), new(TaskPriority.High)];
    private long _dead; // Interlocked

    public ConcurrentDictionary<string, byte[]> Blobs { get; } = new(StringComparer.Ordinal);

    public ICollection<MemoryConnection> Members => _members.Values;

    public IReadOnlyList<MemoryQueue> Queues => _queues;

    public MemoryQueue this[TaskPriority priority] => _queues[(int)priority + 1];

    public void Add(MemoryConnection connection) => _members[connection.Address] = connection;

    public void Remove(MemoryConnection connection) => _members.TryRemove(connection.Address, out _);

    public MemoryConnection? Find(string address) => _members.GetValueOrDefault(address);

    public void AddDead() => Interlocked.Increment(ref _dead);

    public ClusterQueueDepth GetDepth() =>
        new(this[TaskPriority.High].Count, this[TaskPriority.Normal].Count, this[TaskPriority.Low].Count, Interlocked.Read(ref _dead));
}
