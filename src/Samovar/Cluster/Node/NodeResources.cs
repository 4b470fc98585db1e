using System.Diagnostics;
using Samovar.Cluster.Protocol;
using Samovar.Tasks.Core;

namespace Samovar.Cluster.Node;

/// <summary>The resources of a node, and the attempts that wait for them. It serves all owners, so that together they have at most what the node has.
/// Thread-safe.</summary>
/// <remarks>Attempts are granted by priority, then in the order of their arrival. One that waits withholds its amounts from those behind it. An owner
/// sends at most what there is in total, so only few wait. The gate guards everything; it comes after the gate of the <see cref="NodeItems"/>.</remarks>
internal sealed class NodeResources
{
    private readonly Lock _gate = new();
    private readonly ResourceSource _source;
    private readonly List<KeyValuePair<string, long>> _totals;
    private readonly SortedSet<NodeItem> _waiting = new(Comparer<NodeItem>.Create(static (left, right) =>
        left.Priority != right.Priority ? right.Priority.CompareTo(left.Priority) : left.Grant!.Number.CompareTo(right.Grant!.Number)));
    private readonly HashSet<NodeItem> _holding = [];
    private long _lastNumber; // Interlocked
    private long _version; // gate

    public NodeResources(string node, ResourceAmounts? totals)
    {
        _totals = [.. totals?.Freeze().Units ?? []];
        if (_totals.Count > ResourceLedger.MostResources)
            throw new ArgumentException($"The node '{node}' has {_totals.Count} resources; at most {ResourceLedger.MostResources} are possible.", nameof(totals));
        _source = new ResourceSource(Guid.Empty, node);
        for (int place = 0; place < _totals.Count; place++) _source.SetTotal(place, _totals[place].Key, _totals[place].Value);
    }

    /// <summary>Grows with each change of what is in use.</summary>
    public long Version
    {
        get
        {
            lock (_gate) return _version;
        }
    }

    /// <summary>How many attempts have resources.</summary>
    public int HoldingCount
    {
        get
        {
            lock (_gate) return _holding.Count;
        }
    }

    /// <summary>Reads what an attempt requires. Returns false if the node does not have that much.</summary>
    public bool TryAccept(NodeItem item)
    {
        var amounts = item.Entry.Requires!.Amounts;
        var parts = new (int Place, long Amount)[amounts.Count];
        for (int i = 0; i < parts.Length; i++) parts[i] = (_totals.FindIndex(one => string.Equals(one.Key, amounts[i].Key, StringComparison.Ordinal)), amounts[i].Value);
        if (!Array.TrueForAll(parts, static part => part.Place >= 0) || !_source.Has(parts) || parts.DistinctBy(static part => part.Place).Count() < parts.Length) return false;
        item.Grant = new NodeGrant(Interlocked.Increment(ref _lastNumber), parts);
        return true;
    }

    /// <summary>Adds an attempt to those that wait.</summary>
    public void Wait(NodeItem item)
    {
        lock (_gate) _waiting.Add(item);
    }

    /// <summary>Grants the resources of the attempt that is next; returns null if enough is free for no attempt.</summary>
    public NodeItem? TakeNext()
    {
        lock (_gate) return _waiting.Count == 0 ? null : TakeNextLocked();
    }

    /// <summary>Returns the resources of an attempt, or takes it out of the line; does nothing for one without requirements.</summary>
    public void Release(NodeItem item)
    {
        if (item.Grant is not { } grant) return;
        lock (_gate) ReleaseLocked(item, grant);
    }

    /// <summary>Returns what an attempt has, for its work; null for nothing.</summary>
    public IReadOnlyDictionary<string, GrantedResource>? Describe(NodeItem item)
    {
        if (item.Grant is not { } grant) return null;
        var resources = new Dictionary<string, GrantedResource>(StringComparer.Ordinal);
        for (int i = 0; i < grant.Parts.Length; i++) resources[_totals[grant.Parts[i].Place].Key] = ResourceGrant.Describe(grant.Parts[i].Amount, grant.Units[i].Units);
        return resources;
    }

    /// <summary>Returns what there is, and what each owner uses of it.</summary>
    public IReadOnlyList<NodeResource> Capture()
    {
        lock (_gate) return _totals.Count == 0 ? [] : CaptureLocked();
    }

    private NodeItem? TakeNextLocked()
    {
        _source.BeginPass();
        foreach (var item in _waiting)
        {
            var grant = item.Grant!;
            if (!_source.Fits(grant.Parts))
            {
                _source.Reserve(grant.Parts);
                continue;
            }

            _source.Take(grant.Parts, grant.Units);
            grant.IsHeld = true;
            _waiting.Remove(item);
            _holding.Add(item);
            _version++;
            CheckInvariantsLocked();
            return item;
        }

        return null;
    }

    private void ReleaseLocked(NodeItem item, NodeGrant grant)
    {
        if (!grant.IsHeld)
        {
            _waiting.Remove(item);
            return;
        }

        grant.IsHeld = false;
        _holding.Remove(item);
        _source.Return(grant.Parts, grant.Units);
        _version++;
        CheckInvariantsLocked();
    }

    private NodeResource[] CaptureLocked()
    {
        var uses = _totals.ConvertAll(static _ => new Dictionary<Guid, long>());
        foreach (var item in _holding)
        {
            foreach (var (place, amount) in item.Grant!.Parts) uses[place][item.Message.Owner] = uses[place].GetValueOrDefault(item.Message.Owner) + amount;
        }

        int[] waiting = new int[_totals.Count];
        foreach (var item in _waiting)
        {
            foreach (var (place, _) in item.Grant!.Parts) waiting[place]++;
        }

        return [.. _totals.Select((one, place) => new NodeResource(one.Key, one.Value, waiting[place], [.. uses[place].Select(static use => (use.Key, use.Value))]))];
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_gate.IsHeldByCurrentThread, "the gate is held");
        Debug.Assert(_holding.All(static item => item.Grant!.IsHeld) && !_waiting.Any(static item => item.Grant!.IsHeld), "an attempt waits, or has resources");
    }
}
