namespace Samovar.Cluster.Node;

/// <summary>When the last message of each owner arrived. Owners report every few seconds; one that is killed leaves a reply box behind, which accepts
/// claims for a long time. Thread-safe.</summary>
internal sealed class NodeOwners(TimeProvider time)
{
    private static readonly TimeSpan s_forgotten = TimeSpan.FromHours(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, long> _seenAt = []; // gate

    /// <summary>Records that a message of an owner has arrived.</summary>
    public void Note(Guid owner)
    {
        lock (_gate) _seenAt[owner] = time.GetTimestamp();
    }

    /// <summary>Returns for how long an owner was silent. The silence of an unknown one begins now.</summary>
    public TimeSpan SilenceOf(Guid owner)
    {
        lock (_gate)
        {
            if (_seenAt.TryGetValue(owner, out long seenAt)) return time.GetElapsedTime(seenAt);
            foreach (var (id, _) in _seenAt.Where(entry => time.GetElapsedTime(entry.Value) > s_forgotten).ToList()) _seenAt.Remove(id);
            _seenAt.Add(owner, time.GetTimestamp());
            return TimeSpan.Zero;
        }
    }

    /// <summary>Counts the silence of all owners from now: this node was not able to receive anything.</summary>
    public void ForgetSilence()
    {
        lock (_gate)
        {
            foreach (var id in _seenAt.Keys.ToList()) _seenAt[id] = time.GetTimestamp();
        }
    }
}
