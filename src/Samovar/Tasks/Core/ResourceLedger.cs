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
/// <item>On a cluster, each node is a source of its own, and requests with different amounts wait in different lines. A request that fits on no node
/// withholds its amounts on one that has them in total; those behind it pass if they fit elsewhere.</item>
/// </list>
/// </remarks>
internal sealed partial class ResourceLedger
{
    /// <summary>The most resources that an executor may have: one bit each.</summary>
    public const int MostResources = 64;

    [ThreadStatic]
    private static Queue<ResourceGrant>? t_granted;

    private readonly Lock _gate = new();
    private readonly ExecutorCore _core;
    private readonly TimeProvider _clock;
    private readonly bool _isOfNodes;
    private readonly List<ResourceSource> _sources = []; // gate; only one without nodes
    private readonly List<string> _names = []; // gate for writing; by place; Volatile through the requests that name a place
    private readonly long[] _waitingFor = new long[MostResources]; // gate; by place
    private readonly List<ResourceLine> _lines = []; // gate: those that have been used; with nodes, those with requests
    private ResourceRequest? _lastRequest; // gate: most tasks share their options
    private long _requests; // gate
    private long _passes; // gate
    private int _waiting; // gate

    private ResourceLedger(ExecutorCore core, ResourceAmounts? totals, TimeProvider clock)
    {
        _core = core;
        _clock = clock;
        _isOfNodes = totals is null;
        if (totals is not null) _sources.Add(CreateSource(Guid.Empty, core.Name, totals.Units));
    }

    /// <summary>Creates the ledger of an executor; returns null if its options name no resources.</summary>
    public static ResourceLedger? For(ExecutorCore core, ResourceAmounts? totals)
    {
        if (totals is null) return null;
        return totals.Count <= MostResources
            ? new ResourceLedger(core, totals.Freeze(), core.Time)
            : throw new ArgumentException($"The executor '{core.Name}' has {totals.Count} resources; at most {MostResources} are possible.", nameof(totals));
    }

    public string NameOf(int place)
    {
        lock (_gate) return _names[place];
    }

    /// <summary>Refuses amounts that the executor does not have in total.</summary>
    /// <exception cref="InsufficientResourcesException">A task with these amounts could never start.</exception>
    public void Check(ResourceAmounts amounts)
    {
        lock (_gate) CheckLocked(RequestOfLocked(amounts));
    }

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
        ResourceRequest request;
        lock (_gate) request = RequestOfLocked(amounts);
        foreach (var (place, amount) in request.Parts)
        {
            long own = Array.Find(held.Request.Parts, part => part.Place == place).Amount;
            long total = _sources[0][place]!.Total;
            if (total - own >= amount) continue;
            throw new InvalidOperationException(
                $"Task {holder.Id} of '{_core.Name}' has {ResourceAmounts.Text(own)} of the resource '{NameOf(place)}' and would wait for a task that requires " +
                $"{ResourceAmounts.Text(amount)} of {ResourceAmounts.Text(total)}, which would deadlock. Await that task outside, or require less.");
        }
    }

    /// <summary>Queues a task when all that it requires is free: now, or later.</summary>
    public void Ask(Future task) => Ask(task, former: null);

    private void Ask(Future task, ResourceGrant? former)
    {
        ResourceGrant grant;
        var controls = task.EnsureControls();
        List<ResourceGrant>? granted;
        InsufficientResourcesException? impossible = null;
        using (_gate.HoldRegardless()) // otherwise a retry would be lost
        {
            grant = new ResourceGrant(this, task, RequestOfLocked(task.Options.RequiredAmounts!)) { Number = former?.Number ?? ++_requests };
            if (former?.CurrentPhase == ResourceGrant.Phase.Held)
            {
                former.Source!.Unclaimed++;
                ReturnLocked(former);
            }

            // Checked at the submission, when the nodes may not have been known. A task that has started once waits for the node to come back.
            if (_isOfNodes && former is null && task.Attempt == 1) impossible = FindMissingLocked(grant.Request);

            // SYNC: requested or decided. The request is published and waits, then it is read whether the outcome of the task is decided.
            Volatile.Write(ref controls.Grant, grant);
            JoinLineLocked(grant);
            granted = GrantLocked();
            CheckInvariantsLocked();
        }

        Queue(granted);
        if (impossible is not null) task.EndUnstarted(FutureState.Failed, impossible);
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
            if (hasWaited)
            {
                LeaveLineLocked(grant);
                grant.IsWithdrawn = true;
                grant.CurrentPhase = ResourceGrant.Phase.Returned;
            }
            else
            {
                grant.Source!.Unclaimed = 0;
                ReturnLocked(grant);
            }

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

    /// <summary>Returns what is in use, by name.</summary>
    public ResourceStatistics[] Capture()
    {
        lock (_gate)
        {
            var statistics = new List<ResourceStatistics>(_names.Count);
            for (int place = 0; place < _names.Count; place++)
            {
                var pools = _sources.ConvertAll(source => source[place]).OfType<ResourcePool>().ToList();
                if (pools.Count == 0 && _waitingFor[place] == 0) continue; // the nodes have left
                double total = pools.Sum(static pool => ResourceAmounts.AmountOf(pool.Total));
                double inUse = pools.Sum(static pool => ResourceAmounts.AmountOf(Math.Min(pool.Total, pool.InUse + pool.UsedByOthers)));
                statistics.Add(new ResourceStatistics(_names[place], total, inUse, _waitingFor[place]));
            }

            if (_isOfNodes) statistics.Sort(static (one, other) => string.CompareOrdinal(one.Name, other.Name));
            return [.. statistics];
        }
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

    private ResourceRequest RequestOfLocked(ResourceAmounts amounts)
    {
        if (_lastRequest is { } last && ReferenceEquals(last.Amounts, amounts)) return last;
        var parts = new (int, long)[amounts.Count];
        ulong set = 0;
        int count = 0;
        foreach (var (name, amount) in amounts.Freeze().Units)
        {
            int place = _isOfNodes ? PlaceLocked(name) : _names.IndexOf(name);
            if (place < 0) throw Insufficient(name, amount, 0);
            parts[count++] = (place, amount);
            set |= 1UL << place;
        }

        var request = new ResourceRequest(amounts, set, parts);
        if (!_isOfNodes) CheckLocked(request);
        return _lastRequest = request;
    }

    private void CheckLocked(ResourceRequest request)
    {
        if (FindMissingLocked(request) is { } missing) throw missing;
    }

    /// <summary>Returns the error for a request that can never be granted, as far as is known; otherwise, null.</summary>
    private InsufficientResourcesException? FindMissingLocked(ResourceRequest request)
    {
        if (_isOfNodes ? !_knowsNodes || _sources.Count == 0 || _sources.Exists(source => source.Has(request.Parts)) : _sources[0].Has(request.Parts)) return null;
        foreach (var (place, amount) in request.Parts)
        {
            long total = _sources.Max(source => source[place]?.Total ?? 0);
            if (amount > total) return Insufficient(_names[place], amount, total);
        }

        var (first, needed) = request.Parts[0];
        return Insufficient(_names[first], needed, _sources.Max(source => source[first]?.Total ?? 0)); // no node has all of them
    }

    private InsufficientResourcesException Insufficient(string name, long amount, long total) => _isOfNodes
        ? InsufficientResourcesException.OfNodes(_core.Name, name, ResourceAmounts.AmountOf(amount), ResourceAmounts.AmountOf(total), DescribeNodesLocked())
        : new InsufficientResourcesException(_core.Name, name, ResourceAmounts.AmountOf(amount), ResourceAmounts.AmountOf(total), _sources[0].Text);

    private ResourceSource CreateSource(Guid node, string name, IEnumerable<KeyValuePair<string, long>> totals)
    {
        var source = new ResourceSource(node, name);
        foreach (var (resource, total) in totals)
        {
            int place = PlaceLocked(resource);
            if (place >= 0) source.SetTotal(place, resource, total);
        }

        return source;
    }

    /// <summary>Returns the place of a resource; -1 if there are too many.</summary>
    private int PlaceLocked(string name)
    {
        int place = _names.IndexOf(name);
        if (place >= 0 || _names.Count == MostResources) return place;
        _names.Add(name);
        return _names.Count - 1;
    }

    private void JoinLineLocked(ResourceGrant grant)
    {
        var line = _lines.Find(line => line.IsFor(grant.Request));
        if (line is null) _lines.Add(line = new ResourceLine(grant.Request.Set, _isOfNodes ? grant.Request.Amounts : null));
        line.Add(grant);
        _waiting++;
        foreach (var (place, _) in grant.Request.Parts) _waitingFor[place]++;
    }

    private void LeaveLineLocked(ResourceGrant grant)
    {
        var line = _lines.Find(line => line.IsFor(grant.Request))!;
        line.Remove(grant);
        if (_isOfNodes && line.First is null) _lines.Remove(line);
        _waiting--;
        foreach (var (place, _) in grant.Request.Parts) _waitingFor[place]--;
    }

    private void TakeLocked(ResourceGrant grant, ResourceSource source)
    {
        source.Take(grant.Request.Parts, grant.Units);
        source.Grants.Add(grant);
        grant.Source = source;
        grant.GrantedAt = _clock.GetTimestamp();
        grant.CurrentPhase = ResourceGrant.Phase.Held;
    }

    private static void ReturnLocked(ResourceGrant grant)
    {
        var source = grant.Source!;
        source.Grants.Remove(grant);
        source.Return(grant.Request.Parts, grant.Units);
        grant.CurrentPhase = ResourceGrant.Phase.Returned;
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_gate.IsHeldByCurrentThread, "the gate is held");
        Debug.Assert(_waiting > 0 || Array.TrueForAll(_waitingFor, static count => count == 0), "a resource is waited for by tasks that wait");
    }
}
