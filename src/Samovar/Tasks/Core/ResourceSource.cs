using System.Diagnostics;

namespace Samovar.Tasks.Core;

/// <summary>Where resources are: the executor itself, or a node of its cluster. A task has all its resources from one source. Not thread-safe: the gate of
/// the owner guards it, which is a ledger, or a node.</summary>
/// <param name="node">Identifies the node; empty for the executor itself.</param>
/// <param name="name">Its name.</param>
internal sealed class ResourceSource(Guid node, string name)
{
    private readonly List<ResourcePool?> _pools = []; // by the place of the resource in the ledger; null for what this source does not have

    public Guid Node => node;

    public string Name => name;

    /// <summary>Whether requests are granted: the node is connected.</summary>
    public bool IsOpen { get; set; } = true;

    /// <summary>How many tasks run at the same time.</summary>
    public int Workers { get; set; } = 1;

    /// <summary>How many tasks of other executors run here.</summary>
    public int Others { get; set; }

    /// <summary>Whether the node cannot run the program of the executor, as far as is known.</summary>
    public bool HasRefused { get; set; }

    /// <summary>How often tasks were taken back because the node has not claimed them, since one has completed there.</summary>
    public int Unclaimed { get; set; }

    /// <summary>The grants that are held.</summary>
    public HashSet<ResourceGrant> Grants { get; } = [];

    /// <summary>The most grants that are held: more would only wait for workers. It grows with the workers.</summary>
    public int MostGrants { get; set; } = int.MaxValue;

    /// <summary>How many tasks there are for each worker.</summary>
    public double Load => (double)(Grants.Count + Others) / Math.Max(1, Workers);

    public bool HasRoom => IsOpen && Grants.Count < MostGrants;

    /// <summary>What it has, as text.</summary>
    public string Text => _pools.TrueForAll(static pool => pool is null)
        ? "none"
        : string.Join(", ", _pools.OfType<ResourcePool>().OrderBy(static pool => pool.Name, StringComparer.Ordinal).Select(static pool => $"{pool.Name} {ResourceAmounts.Text(pool.Total)}"));

    public ResourcePool? this[int place] => place < _pools.Count ? _pools[place] : null;

    /// <summary>Sets the total of a resource. What tasks hold of it is kept.</summary>
    public void SetTotal(int place, string resource, long total)
    {
        while (_pools.Count <= place) _pools.Add(null);
        if (_pools[place] is not { } pool || (pool.Total != total && pool.InUse == 0)) _pools[place] = new ResourcePool(resource, total);
    }

    /// <summary>Whether it has all that a request needs in total.</summary>
    public bool Has((int Place, long Amount)[] parts) => Array.TrueForAll(parts, part => this[part.Place]?.Total >= part.Amount);

    /// <summary>Begins a pass over the requests: all that is free is offered.</summary>
    public void BeginPass()
    {
        foreach (var pool in _pools) pool?.BeginPass();
    }

    /// <summary>Whether what is offered suffices for a request.</summary>
    public bool Fits((int Place, long Amount)[] parts) => Array.TrueForAll(parts, part => this[part.Place]?.Fits(part.Amount) == true);

    /// <summary>The part of a request that is offered, at most 1; of several resources, that of the scarcest.</summary>
    public double Share((int Place, long Amount)[] parts) => parts.Min(part => this[part.Place] is { } pool ? Math.Min(1, (double)pool.Offered / part.Amount) : 0);

    /// <summary>Whether nothing of a resource is offered.</summary>
    public bool IsExhausted(int place) => !HasRoom || this[place] is not { IsExhausted: false };

    /// <summary>Takes what a request needs.</summary>
    /// <param name="parts">The parts of the request, which fits.</param>
    /// <param name="units">Receives the units of each part, and the one that is shared.</param>
    public void Take((int Place, long Amount)[] parts, (ulong Units, int Shared)[] units)
    {
        for (int i = 0; i < units.Length; i++)
        {
            var (place, amount) = parts[i];
            this[place]!.Take(amount, out ulong set, out int shared);
            units[i] = (set, shared);
        }
    }

    /// <summary>Withholds what a request needs from those behind it.</summary>
    public void Reserve((int Place, long Amount)[] parts)
    {
        foreach (var (place, amount) in parts) this[place]?.Reserve(amount);
    }

    /// <summary>Returns what <see cref="Take"/> has taken.</summary>
    public void Return((int Place, long Amount)[] parts, (ulong Units, int Shared)[] units)
    {
        for (int i = 0; i < units.Length; i++)
        {
            var (place, amount) = parts[i];
            this[place]!.Return(amount, units[i].Units, units[i].Shared);
        }

        CheckInvariants();
    }

    [Conditional("DEBUG")]
    private void CheckInvariants() => Debug.Assert(_pools.TrueForAll(static pool => pool is null || (pool.InUse >= 0 && pool.InUse <= pool.Total)), "no resource is oversubscribed");
}
