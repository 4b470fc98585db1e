using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Samovar.Cluster.Protocol;
using Samovar.Cluster.Worker;
using Samovar.Primitives;

namespace Samovar.Cluster.Node;

/// <summary>The attempts that a node has, from their delivery until their owner has their outcome; decides which the node claims next.</summary>
/// <remarks>
/// <list type="number">
/// <item>An attempt is claimed only when a worker is free for it, because its owner counts it as running from its permission on. Very short tasks are
/// claimed ahead, as many as run in <see cref="s_ahead"/>.</item>
/// <item>An attempt runs only with the permission of its owner, which gives it to one node. So it does not matter how often the broker delivers it.</item>
/// <item>A claimed attempt is kept while the connection is interrupted: the permission may be on its way. Held ones are dropped, because the broker
/// delivers them again.</item>
/// <item>An attempt whose work is a blob is claimed when the blob is here, so that its timeout does not count the fetch, and the owner decides as late as
/// for any other. As many are fetched ahead as there are workers; they have a place among the fetches until they are claimed.</item>
/// <item>A delivery is acknowledged when the owner has confirmed the outcome of each task in it, or does not want it any more.</item>
/// </list>
/// The gate guards everything. Messages are sent, and tasks are started, outside of it.
/// </remarks>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed partial class NodeItems(NodeCore node, int workers)
{
    /// <summary>For how long a worker has tasks that were claimed ahead.</summary>
    private static readonly TimeSpan s_ahead = TimeSpan.FromMilliseconds(10);

    private const int MostAhead = 512;

    private readonly Lock _gate = new();
    private readonly Dictionary<NodeItemKey, NodeItem> _known = [];
    private readonly Queue<NodeItem>[] _held = [new(), new(), new()]; // by priority; entries of dropped attempts are skipped
    private readonly ClaimWindow _claims = new(node.Time); // gate
    private int _heldCount;
    private int _active; // claimed and running
    private long _usual; // how long tasks run lately, in ticks; 0 if unknown
    private long _lastClaim = Random.Shared.NextInt64(1, long.MaxValue / 2); // Interlocked
    private bool _isDraining;
    private long _completed; // attempts with an outcome
    private TaskCompletionSource? _empty; // set while a caller waits for the last attempt

    /// <summary>The number of attempts that run.</summary>
    public int Running
    {
        get
        {
            lock (_gate) return _active;
        }
    }

    /// <summary>The number of attempts that have an outcome.</summary>
    public long Completed
    {
        get
        {
            lock (_gate) return _completed;
        }
    }

    /// <summary>The number of attempts that wait for a worker.</summary>
    public int Held
    {
        get
        {
            lock (_gate) return _heldCount;
        }
    }

    /// <summary>Adds the tasks of a delivery.</summary>
    public void Add(TasksMessage message, ClusterDelivery delivery)
    {
        lock (_gate)
        {
            node.Credit.NoteMessage(message.Tasks.Count);
            var bundle = new NodeBundle(delivery, message.Tasks.Count, node.Time.GetTimestamp());
            foreach (var entry in message.Tasks)
            {
                if (!_known.TryGetValue(new NodeItemKey(message.Owner, entry.Key), out var item) || item.State == NodeItemState.Forwarding)
                {
                    item = new NodeItem(this, message, entry, delivery.Priority);
                    _known[item.Key] = item; // one that was passed on may come back before its old message is acknowledged
                    if (_isDraining) item.State = NodeItemState.Forwarding; // what arrives until the broker knows that this node takes no more
                    else HoldLocked(item);
                }

                // A second copy of a message would only take credit, unless the first one was lost.
                if (item.Bundles.Exists(static other => !other.Delivery.IsLost)) bundle.SettleOneLocked();
                else item.Bundles.Add(bundle);
            }
        }

        Claim();
        node.NoteLoad();
    }

    /// <summary>Gives held attempts to other nodes, which have idle workers: as large a part as those are of all workers.</summary>
    /// <param name="idle">The number of idle workers.</param>
    /// <param name="nodes">The number of nodes that have them.</param>
    public void Share(int idle, int nodes)
    {
        List<NodeItem> shared;
        lock (_gate)
        {
            if (_heldCount == 0 || _isDraining) return;
            int count = (int)Math.Max(1, (long)_heldCount * idle / (idle + workers));
            shared = [.. _known.Values.Where(static item => item.State == NodeItemState.Held).TakeLast(count)]; // the others start here first
            foreach (var item in shared)
            {
                item.State = NodeItemState.Forwarding;
                _heldCount--;
            }
        }

        node.Forward(shared, nodes);
    }

    /// <summary>Starts or drops attempts, as their owner has decided.</summary>
    public void Decide(Guid owner, VerdictMessage verdict)
    {
        List<NodeItem> starting = [];
        lock (_gate)
        {
            _claims.Answered(verdict.Claim);
            foreach (var key in verdict.Start)
            {
                if (FindClaimedLocked(owner, key, verdict.Claim) is not { } item) continue;
                item.State = NodeItemState.Running;
                starting.Add(item);
            }

            foreach (var key in verdict.Drop)
            {
                if (FindClaimedLocked(owner, key, verdict.Claim) is not { } item) continue;
                _active--;
                RemoveLocked(item);
            }
        }

        foreach (var item in starting) node.Start(item);
        Claim();
        if (verdict.Drop.Count > 0) node.NoteLoad();
    }

    /// <summary>Called when the task of a running attempt has completed.</summary>
    public void Complete(NodeItem item)
    {
        var result = NodeResult.Of(item, node.Name);
        item.Pool!.Return();
        node.Actors.Completed(item, result.Status);
        int? credit = null;
        lock (_gate)
        {
            ReportLocked(item, result);
            item.Link = null;
            if (!item.CreatesActor && !item.IsCall) LearnLocked(result.Elapsed);
            if (!item.IsCall) credit = node.Credit.NoteCompleted(isLast: _active + _heldCount == 0);
        }

        node.Report(item, result);
        Claim();
        if (credit is { } number) node.SetCredit(number);
        node.NoteLoad();
    }

    /// <summary>Called when a running attempt could not be started.</summary>
    public void FailStart(NodeItem item, Exception error)
    {
        var result = NodeResult.OfFailedStart(item, error);
        item.Pool!.Return();
        node.Actors.Completed(item, result.Status);
        lock (_gate) ReportLocked(item, result);
        node.Report(item, result);
        Claim();
    }

    /// <summary>Forgets attempts whose outcome has arrived at their owner.</summary>
    public void Settle(Guid owner, IEnumerable<TaskKey> keys)
    {
        lock (_gate)
        {
            foreach (var key in keys)
            {
                if (_known.TryGetValue(new NodeItemKey(owner, key), out var item) && item.State == NodeItemState.Reported) RemoveLocked(item);
            }
        }
    }

    /// <summary>Returns a running attempt that must stop; null if it does not run here. One that is claimed is marked to stop when it runs.</summary>
    public NodeItem? FindToStop(Guid owner, TaskKey key)
    {
        lock (_gate)
        {
            if (!_known.TryGetValue(new NodeItemKey(owner, key), out var item)) return null;
            if (item.State is NodeItemState.Claimed or NodeItemState.Running) item.IsStopRequested = true;
            return item is { State: NodeItemState.Running, Task: not null } ? item : null;
        }
    }

    /// <summary>Returns the link of a running attempt for a message of a live value; null if it does not run here, or has received the message.</summary>
    public ClusterLink? FindLink(Guid owner, LiveMessage message)
    {
        lock (_gate)
        {
            if (!_known.TryGetValue(new NodeItemKey(owner, message.Key), out var item) || item is not { State: NodeItemState.Running, Link: { } link }) return null;
            if (message.Number != item.LiveReceived) return null; // received before; or one before it was lost, and the owner repeats both
            item.LiveReceived++;
            return link;
        }
    }

    /// <summary>Reports to an owner which of its attempts this node has.</summary>
    public void AnswerProbe(Guid owner, IEnumerable<TaskKey> keys)
    {
        List<NodeItem> here = [];
        lock (_gate)
        {
            foreach (var key in keys)
            {
                if (_known.TryGetValue(new NodeItemKey(owner, key), out var item) && item.State != NodeItemState.Forwarding) here.Add(item);
            }
        }

        SendRunning(here);
    }

    private void SendRunning(List<NodeItem> items)
    {
        foreach (var ofOwner in items.GroupBy(static item => item.Message.Address, StringComparer.Ordinal))
            node.SendRunning(ofOwner.Key, [.. ofOwner.Select(static item => (item.Entry.Key, item.LiveReceived))]);
    }

    /// <summary>Sets the task of a running attempt. Returns false if the attempt must stop.</summary>
    public bool TrySetTask(NodeItem item, NodeTask task)
    {
        lock (_gate)
        {
            item.Task = task;
            item.FetchedWork = item.FetchedShared = null; // the task has them
            return !item.IsStopRequested;
        }
    }

    /// <summary>Adds a call of an actor, which its owner has started. Returns false if the node leaves.</summary>
    public bool TryAddCall(NodeItem call)
    {
        lock (_gate) return !_isDraining && _known.TryAdd(call.Key, call);
    }

    private void Claim()
    {
        List<NodeItem> claimed = [];
        List<(NodeItem Item, CancellationToken Token)> fetched;
        lock (_gate)
        {
            fetched = TakeToFetchLocked();
            int limit = LimitLocked();
            if (_active >= workers && (limit - _active < limit / 4 || !_claims.HasRoom)) limit = _active; // each worker has a task: the next ones travel together
            while (!_isDraining && _active < limit && TakeHeldLocked(_held) is { } item)
            {
                item.State = NodeItemState.Claimed;
                _heldCount--;
                _active++;
                claimed.Add(item);
                if (!ReleaseFetchLocked(item)) continue;
                fetched.AddRange(TakeToFetchLocked());
            }
        }

        foreach (var (item, token) in fetched) node.Blobs.Fetch(item, token);
        SendClaims(claimed);
    }

    private void SendClaims(List<NodeItem> claimed)
    {
        if (claimed.Count == 0) return;
        foreach (var ofOwner in claimed.GroupBy(static item => item.Message.Address, StringComparer.Ordinal))
        {
            List<TaskKey> keys = [];
            long number = Interlocked.Increment(ref _lastClaim);
            lock (_gate)
            {
                foreach (var item in ofOwner.Where(static item => item.State == NodeItemState.Claimed))
                {
                    item.Claim = number;
                    item.SentAt = node.Time.GetTimestamp();
                    keys.Add(item.Entry.Key);
                }

                if (keys.Count > 0) _claims.Sent(number);
            }

            if (keys.Count > 0) node.SendClaim(ofOwner.Key, number, keys);
        }
    }

    private NodeItem? FindClaimedLocked(Guid owner, TaskKey key, long claim) =>
        _known.TryGetValue(new NodeItemKey(owner, key), out var item) && item.State == NodeItemState.Claimed && item.Claim == claim ? item : null;

    private void HoldLocked(NodeItem item)
    {
        var held = QueueOfLocked(item);
        if (held.Count > 64 && held.Count > 2 * _heldCount) // the greater part of the entries is of attempts that are not held any more
        {
            var live = held.Where(entry => entry.State == NodeItemState.Held && _known.TryGetValue(entry.Key, out var current) && current == entry).ToList();
            held.Clear();
            foreach (var entry in live) held.Enqueue(entry);
        }

        item.State = NodeItemState.Held;
        item.SentAt = node.Time.GetTimestamp();
        _heldCount++;
        if (!item.IsFetching) held.Enqueue(item);
    }

    private void ReportLocked(NodeItem item, ResultEntry result)
    {
        item.State = NodeItemState.Reported;
        item.Result = result;
        item.SentAt = node.Time.GetTimestamp();
        if (!item.IsCall) _active--;
        _completed++;
    }

    private int LimitLocked() => _usual == 0 ? workers : workers * (int)Math.Clamp(s_ahead.Ticks / _usual, 1, MostAhead);

    private void LearnLocked(TimeSpan elapsed)
    {
        long ticks = Math.Max(1, elapsed.Ticks);
        _usual = _usual == 0 || ticks > 8 * _usual ? ticks : _usual + ((ticks - _usual) / 8);
    }

    private NodeItem? TakeHeldLocked(Queue<NodeItem>[] queues)
    {
        for (int level = queues.Length - 1; level >= 0; level--)
        {
            while (queues[level].TryDequeue(out var item))
            {
                if (item.State == NodeItemState.Held && _known.TryGetValue(item.Key, out var current) && current == item) return item;
            }
        }

        return null;
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_active == _known.Values.Count(static item => !item.IsCall && item.State is NodeItemState.Claimed or NodeItemState.Running), "claimed and running attempts are counted");
        Debug.Assert(_fetches >= 0 && _fetches <= workers, "at most as many blobs are fetched ahead as there are workers");
        Debug.Assert(_heldCount == _known.Values.Count(static item => item.State == NodeItemState.Held), "held attempts are counted");
    }

    private static void SettleLocked(NodeItem item)
    {
        foreach (var bundle in item.Bundles) bundle.SettleOneLocked();
        item.Bundles.Clear();
    }

    private void RemoveLocked(NodeItem item)
    {
        if (_known.TryGetValue(item.Key, out var current) && current == item) _known.Remove(item.Key);
        else if (item.State != NodeItemState.Forwarding) return;
        if (item.State == NodeItemState.Held) _heldCount--;
        ReleaseFetchLocked(item);
        SettleLocked(item);
        if (_known.Count == 0) node.Credit.NoteIdle(); // the last one may have been dropped
        if (_known.Count < 16) CheckInvariantsLocked(); // it reads all of them
        if (_known.Count == 0 && _empty is { } empty)
        {
            _empty = null;
            empty.TrySetResult();
        }
    }
}
