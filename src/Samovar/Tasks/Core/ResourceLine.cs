namespace Samovar.Tasks.Core;

/// <summary>The requests that wait for the same set of resources, by priority and then in the order in which they were made. Not thread-safe: the
/// ledger's gate guards it.</summary>
/// <param name="set">The resources, one bit each.</param>
/// <param name="amounts">The amounts that all its requests have; null if they differ.</param>
internal sealed class ResourceLine(ulong set, ResourceAmounts? amounts)
{
    private readonly (ResourceGrant? First, ResourceGrant? Last)[] _levels = new (ResourceGrant?, ResourceGrant?)[3];

    /// <summary>The resources, one bit each.</summary>
    public ulong Set => set;

    /// <summary>The pass in which its first request was not granted.</summary>
    public long SkippedIn { get; set; }

    /// <summary>Whether a request belongs here.</summary>
    public bool IsFor(ResourceRequest request) => set == request.Set && (amounts is null || amounts.Equals(request.Amounts));

    /// <summary>The request that comes first; null if none waits.</summary>
    public ResourceGrant? First
    {
        get
        {
            for (int level = _levels.Length - 1; level >= 0; level--)
            {
                if (_levels[level].First is { } first) return first;
            }

            return null;
        }
    }

    /// <summary>All requests, in no particular order.</summary>
    public IEnumerable<ResourceGrant> All
    {
        get
        {
            foreach (var (first, _) in _levels)
            {
                for (var next = first; next is not null; next = next.Next) yield return next;
            }
        }
    }

    /// <summary>Adds a request behind those with a smaller number: the last one, unless it has waited before.</summary>
    public void Add(ResourceGrant grant)
    {
        ref var level = ref LevelOf(grant);
        var before = level.Last;
        while (before is not null && before.Number > grant.Number) before = before.Previous;
        var after = before is null ? level.First : before.Next;
        (grant.Previous, grant.Next) = (before, after);
        if (before is null) level.First = grant;
        else before.Next = grant;
        if (after is null) level.Last = grant;
        else after.Previous = grant;
    }

    public void Remove(ResourceGrant grant)
    {
        ref var level = ref LevelOf(grant);
        if (grant.Previous is { } previous) previous.Next = grant.Next;
        else level.First = grant.Next;
        if (grant.Next is { } next) next.Previous = grant.Previous;
        else level.Last = grant.Previous;
        (grant.Previous, grant.Next) = (null, null);
    }

    private ref (ResourceGrant? First, ResourceGrant? Last) LevelOf(ResourceGrant grant) => ref _levels[(int)grant.Task.Options.Priority + 1];
}
