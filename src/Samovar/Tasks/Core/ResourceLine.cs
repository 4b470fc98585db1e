namespace Samovar.Tasks.Core;

/// <summary>The requests that wait for the same set of resources, by priority and then in the order in which they were made. Not thread-safe: the
/// ledger's gate guards it.</summary>
internal sealed class ResourceLine(ulong set)
{
    private readonly (ResourceGrant? First, ResourceGrant? Last)[] _levels = new (ResourceGrant?, ResourceGrant?)[3];

    /// <summary>The resources, one bit each.</summary>
    public ulong Set => set;

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

    public void Append(ResourceGrant grant)
    {
        ref var level = ref LevelOf(grant);
        grant.Previous = level.Last;
        if (level.Last is { } last) last.Next = grant;
        else level.First = grant;
        level.Last = grant;
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
