using System.Diagnostics;
using Samovar.Primitives;

namespace Samovar.Tasks.Core;

/// <summary>The resources of one executor, and the tasks that hold them or wait for them. Exists only if the executor's options name resources.</summary>
/// <remarks>
/// <list type="number">
/// <item>A task that requires resources passes here before it is queued: the ledger queues it when all it requires is free. It takes everything at
/// once, so tasks cannot block each other with parts.</item>
/// <item>Requests are granted by priority, then in the order in which they were made. A request that waits withholds its amounts from those behind it;
/// of a resource of which not enough is free, it withholds everything. So no request overtakes another for a resource that the other lacks, and a
/// large request is granted when those before it have returned theirs. Requests for other resources pass.</item>
/// <item>Everything changes under the gate. Tasks are queued after it is left: the core has locks of its own. A task that fails while it is queued
/// frees resources for others; the thread queues those afterwards, in its outermost call, so that thousands of them do not nest on its stack.</item>
/// <item>A task whose request is withdrawn in the line, because it was cancelled, is queued too, when it has completed: the core drops it, with what it
/// keeps for a task on its way to the queue.</item>
/// <item>While the executor discards what has not started, nothing is granted: it cancels the tasks that wait.</item>
/// </list>
/// </remarks>
internal sealed class ResourceLedger
{
    /// <summary>The most resources that an executor may have: one bit each.</summary>
    public const int MostResources = 64;

    [ThreadStatic]
    private static Queue<ResourceGrant>? t_granted;

    private readonly Lock _gate = new();
    private readonly ExecutorCore _core;
    private readonly ResourceAmounts _totals;
    private readonly ResourcePool[] _pools;
    private readonly List<ResourceLine> _lines = []; // gate: those that have been used
    private ResourceRequest? _lastRequest; // most tasks share their options
    private long _requests; // gate
    private int _waiting; // gate

    private ResourceLedger(ExecutorCore core, ResourceAmounts totals)
    {
        _core = core;
        _totals = totals;
        _pools = [.. totals.Units.Select(static one => new ResourcePool(one.Key, one.Value))];
    }

    /// <summary>Creates the ledger of an executor; returns null if its options name no resources.</summary>
    public static ResourceLedger? For(ExecutorCore core, ResourceAmounts? totals)
    {
        if (totals is null) return null;
        return totals.Count <= MostResources
            ? new ResourceLedger(core, totals.Freeze())
            : throw new ArgumentException($"The executor '{core.Name}' has {totals.Count} resources; at most {MostResources} are possible.", nameof(totals));
    }

    /// <summary>What the executor has.</summary>
    public ResourceAmounts Totals => _totals;

    public string NameOf(int place) => _pools[place].Name;

    /// <summary>Refuses amounts that the executor does not have in total.</summary>
    /// <exception cref="InsufficientResourcesException">A task with these amounts could never start.</exception>
    public void Check(ResourceAmounts amounts) => RequestOf(amounts);

    /// <summary>How many tasks wait for resources.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate) return _waiting;
        }
    }

    /// <summary>Refuses amounts that are not free while a task that waits for them runs.</summary>
    /// <exception cref="InvalidOperationException">The holder has so much that the amounts cannot be free.</exception>
    public void RefuseHolder(ResourceAmounts amounts, Future holder)
    {
        if (holder.Controls?.Grant is not { CurrentPhase: ResourceGrant.Phase.Held } held || !ReferenceEquals(held.Ledger, this)) return;
        foreach (var (place, amount) in RequestOf(amounts).Parts)
        {
            long own = Array.Find(held.Request.Parts, part => part.Place == place).Amount;
            if (_pools[place].Total - own >= amount) continue;
            throw new InvalidOperationException(
                $"Task {holder.Id} of '{_core.Name}' has {ResourceAmounts.Text(own)} of the resource '{NameOf(place)}' and would wait for a task that requires " +
                $"{ResourceAmounts.Text(amount)} of {ResourceAmounts.Text(_pools[place].Total)}, which would deadlock. Await that task outside, or require less.");
        }
    }

    /// <summary>Queues a task when all that it requires is free: now, or later.</summary>
    public void Ask(Future task)
    {
        var grant = new ResourceGrant(this, task, RequestOf(task.Options.RequiredAmounts!));
        var controls = task.EnsureControls();
        List<ResourceGrant>? granted;
        using (_gate.HoldRegardless()) // otherwise a retry would be lost
        {
            // SYNC: requested or decided. The request is published and waits, then it is read whether the outcome of the task is decided.
            Volatile.Write(ref controls.Grant, grant);
            grant.Number = ++_requests;
            JoinLineLocked(grant);
            granted = GrantLocked();
            CheckInvariantsLocked();
        }

        Queue(granted);
        if (task.IsDecided)
        {
            grant.EndAttempt();
            grant.Drop();
        }

        // SYNC: queued or ending. The task waits, then the shutdown's mode is read.
        if (_core.IsDiscarding && grant.CurrentPhase == ResourceGrant.Phase.Waiting) task.Cancel();
    }

    /// <summary>Ends a grant, or withdraws the request.</summary>
    /// <param name="grant">The grant; nothing happens if it was returned already.</param>
    /// <param name="hasReturned">Whether the code of the attempt is known to have returned.</param>
    public void End(ResourceGrant grant, bool hasReturned)
    {
        if (grant.CurrentPhase == ResourceGrant.Phase.Returned) return;
        List<ResourceGrant>? granted;
        using (_gate.HoldRegardless()) // this is part of completing a task
        {
            if (grant.CurrentPhase == ResourceGrant.Phase.Returned) return;
            bool hasWaited = grant.CurrentPhase == ResourceGrant.Phase.Waiting;
            if (!hasWaited && !hasReturned && grant.IsInAbandonedCode) return; // SYNC: abandoned or returned
            if (hasWaited) LeaveLineLocked(grant);
            else ReturnLocked(grant);
            if (hasWaited) grant.IsWithdrawn = true;
            grant.CurrentPhase = ResourceGrant.Phase.Returned;
            granted = GrantLocked();
            CheckInvariantsLocked();
        }

        Queue(granted);
    }

    /// <summary>Queues a task whose request was withdrawn, so that the core drops it.</summary>
    public static void Drop(ResourceGrant grant) => Queue([grant]);

    /// <summary>Returns the tasks that wait for resources.</summary>
    public List<Future> FindWaiting()
    {
        lock (_gate) return [.. _lines.SelectMany(static line => line.All).Select(static grant => grant.Task)];
    }

    /// <summary>Returns what is in use.</summary>
    public ResourceStatistics[] Capture()
    {
        lock (_gate)
            return Array.ConvertAll(_pools, static pool => new ResourceStatistics(pool.Name, ResourceAmounts.AmountOf(pool.Total), ResourceAmounts.AmountOf(pool.InUse), pool.Waiting));
    }

    private static void Queue(List<ResourceGrant>? granted)
    {
        if (granted is null) return;
        if (t_granted is { } outer)
        {
            foreach (var grant in granted) outer.Enqueue(grant);
            return;
        }

        var queue = t_granted = new Queue<ResourceGrant>(granted);
        try
        {
            while (queue.TryDequeue(out var grant))
            {
                var task = grant.Task;
                task.Core.Enqueue(task);
                if (task.IsDecided) task.Core.Revoked(task); // cancelled while it waited, or just now
            }
        }
        finally
        {
            t_granted = null;
        }
    }

    private ResourceRequest RequestOf(ResourceAmounts amounts)
    {
        if (Volatile.Read(ref _lastRequest) is { } last && ReferenceEquals(last.Amounts, amounts)) return last;
        var parts = new (int, long)[amounts.Count];
        ulong set = 0;
        int count = 0;
        foreach (var (name, amount) in amounts.Freeze().Units)
        {
            int place = Array.FindIndex(_pools, pool => string.Equals(pool.Name, name, StringComparison.Ordinal));
            long total = place < 0 ? 0 : _pools[place].Total;
            if (amount > total)
                throw new InsufficientResourcesException(_core.Name, name, ResourceAmounts.AmountOf(amount), ResourceAmounts.AmountOf(total), _totals.ToString());
            parts[count++] = (place, amount);
            set |= 1UL << place;
        }

        var request = new ResourceRequest(amounts, set, parts);
        Volatile.Write(ref _lastRequest, request);
        return request;
    }

    /// <summary>Grants the requests whose turn it is. Returns null if nothing is granted.</summary>
    /// <remarks>A request that is not granted exhausts one of its resources, and no line with that resource is looked at again: a pass looks at no more
    /// requests than it grants, and one for each line.</remarks>
    private List<ResourceGrant>? GrantLocked()
    {
        if (_waiting == 0 || _core.IsDiscarding) return null;
        List<ResourceGrant>? granted = null;
        ulong exhausted = 0;
        for (int i = 0; i < _pools.Length; i++)
        {
            _pools[i].BeginPass();
            if (_pools[i].IsExhausted) exhausted |= 1UL << i;
        }

        while (NextLocked(exhausted) is { } next)
        {
            bool fits = Array.TrueForAll(next.Request.Parts, part => _pools[part.Place].Fits(part.Amount));
            if (fits)
            {
                LeaveLineLocked(next);
                TakeLocked(next);
                (granted ??= []).Add(next);
            }
            else
            {
                foreach (var (place, amount) in next.Request.Parts) _pools[place].Reserve(amount);
            }

            foreach (var (place, _) in next.Request.Parts)
            {
                if (_pools[place].IsExhausted) exhausted |= 1UL << place;
            }
        }

        return granted;
    }

    /// <summary>Returns the request that is first among those whose resources are not exhausted; null if all are.</summary>
    private ResourceGrant? NextLocked(ulong exhausted)
    {
        ResourceGrant? best = null;
        foreach (var line in _lines)
        {
            if ((line.Set & exhausted) != 0 || line.First is not { } first) continue;
            if (best is null || first.Comes(before: best)) best = first;
        }

        return best;
    }

    private void JoinLineLocked(ResourceGrant grant)
    {
        var line = _lines.Find(line => line.Set == grant.Request.Set);
        if (line is null) _lines.Add(line = new ResourceLine(grant.Request.Set));
        line.Append(grant);
        _waiting++;
        foreach (var (place, _) in grant.Request.Parts) _pools[place].Waiting++;
    }

    private void LeaveLineLocked(ResourceGrant grant)
    {
        _lines.Find(line => line.Set == grant.Request.Set)!.Remove(grant);
        _waiting--;
        foreach (var (place, _) in grant.Request.Parts) _pools[place].Waiting--;
    }

    private void TakeLocked(ResourceGrant grant)
    {
        for (int i = 0; i < grant.Request.Parts.Length; i++)
        {
            var (place, amount) = grant.Request.Parts[i];
            _pools[place].Take(amount, out ulong units, out int shared);
            grant.Units[i] = (units, shared);
        }

        grant.CurrentPhase = ResourceGrant.Phase.Held;
    }

    private void ReturnLocked(ResourceGrant grant)
    {
        for (int i = 0; i < grant.Request.Parts.Length; i++)
        {
            var (place, amount) = grant.Request.Parts[i];
            _pools[place].Return(amount, grant.Units[i].Units, grant.Units[i].Shared);
        }
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_gate.IsHeldByCurrentThread, "the gate is held");
        Debug.Assert(Array.TrueForAll(_pools, static pool => pool.InUse >= 0 && pool.InUse <= pool.Total), "no resource is oversubscribed");
        Debug.Assert(_waiting > 0 || Array.TrueForAll(_pools, static pool => pool.Waiting == 0), "a resource is waited for by tasks that wait");
    }
}
