namespace Samovar.Cluster.Node;

/// <summary>The idle nodes for which this one has shared its tasks just now: several owners name the same one. Thread-safe.</summary>
internal sealed class IdleNodes(TimeProvider time)
{
    /// <summary>How often a node reports its load at most, in addition to its regular reports.</summary>
    public static readonly TimeSpan ReportInterval = TimeSpan.FromMilliseconds(50);

    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, long> _servedAt = []; // gate

    /// <summary>Returns how many workers are idle on nodes that were not served just now, and counts those nodes as served.</summary>
    public (int Workers, int Nodes) Take(IEnumerable<(Guid Node, int Workers)> idle)
    {
        int workers = 0, nodes = 0;
        lock (_gate)
        {
            foreach (var (id, _) in _servedAt.Where(entry => time.GetElapsedTime(entry.Value) >= ReportInterval).ToList()) _servedAt.Remove(id);
            foreach (var (node, count) in idle)
            {
                if (count < 1 || !_servedAt.TryAdd(node, time.GetTimestamp())) continue;
                workers += count;
                nodes++;
            }
        }

        return (workers, nodes);
    }
}
