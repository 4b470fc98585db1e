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
/// claimed ahead, see <see cref="ClaimAhead"/>.</item>
/// <item>An attempt runs only with the permission of its owner, which gives it to one node. So it does not matter how often the broker delivers it.</item>
/// <item>A claimed attempt is kept while the connection is interrupted: the permission may be on its way. Held ones are dropped, because the broker
/// delivers them again.</item>
/// <item>An attempt whose work is a blob is claimed when the blob is here, so that its timeout does not count the fetch, and the owner decides as late as
/// for any other. As many are fetched ahead as there are workers; they have a place among the fetches until they are claimed.</item>
/// <item>A delivery is acknowledged when the owner has confirmed the outcome of each task in it, or does not want it any more.</item>
/// </list>
/// The gate guards everything, also what the classes below have. Messages are sent, and tasks are started, outside of it.
/// </remarks>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed partial class NodeItems
{
    private readonly NodeCore _node;
    private readonly int _workers;
    private readonly NodeResources _resources; // gate
    private readonly Lock _gate = new();
    private readonly Dictionary<NodeItemKey, NodeItem> _known = [];
    private readonly HeldItems _held;
    private readonly NodeFetches _fetches;
    private readonly ClaimWindow _claims;
    private readonly ClaimAhead _ahead;
    private int _heldCount; // gate for writing
    private int _active; // gate for writing: claimed and running
    private long _lastClaim = Random.Shared.NextInt64(1, long.MaxValue / 2); // Interlocked
    private bool _isDraining;
    private long _completed; // gate for writing: attempts with an outcome
    private TaskCompletionSource? _empty; // set while a caller waits for the last attempt

    public NodeItems(NodeCore core, int workerCount, NodeResources ofNode)
    {
        (_node, _workers, _resources) = (core, workerCount, ofNode);
        _held = new HeldItems(item => item.State == NodeItemState.Held && WaitsLocked(item));
        _fetches = new NodeFetches(core, workerCount, WaitsLocked, WaitLocked);
        _claims = new ClaimWindow(core.Time);
        _ahead = new ClaimAhead(workerCount);
    }

    /// <summary>The number of attempts that run.</summary>
    public int Running => Volatile.Read(ref _active); // SYNC: node counts

    /// <summary>The number of attempts that have an outcome.</summary>
    public long Completed => Volatile.Read(ref _completed); // SYNC: node counts

    /// <summary>The number of attempts that wait for a worker.</summary>
    public int Held => Volatile.Read(ref _heldCount); // SYNC: node counts

    /// <summary>Adds the tasks of a delivery.</summary>
    public void Add(TasksMessage message, ClusterDelivery delivery)
    {
        List<NodeItem> refused = [];
        lock (_gate)
        {
            if (delivery is not DirectDelivery) _node.Credit.NoteMessage(message.Tasks.Count);
            var bundle = new NodeBundle(delivery, message.Tasks.Count, _node.Time.GetTimestamp());
            foreach (var entry in message.Tasks)
            {
                if (!_known.TryGetValue(new NodeItemKey(message.Owner, entry.Key), out var item) || item.State == NodeItemState.Forwarding)
                {
                    item = new NodeItem(this, message, entry, delivery.Priority);
                    _known[item.Key] = item; // one that was passed on may come back before its old message is acknowledged
                    if (entry.Requires is not null) WaitOrRefuseLocked(item, refused);
                    else if (_isDraining) item.State = NodeItemState.Forwarding; // what arrives until the broker knows that this node takes no more
                    else HoldLocked(item);
                }

                // A second copy of a message would only take credit, unless the first one was lost.
                if (item.Bundles.Exists(static other => !other.Delivery.IsLost)) bundle.SettleOneLocked();
                else item.Bundles.Add(bundle);
            }
        }

        _node.Drop(refused);
        Claim();
        _node.NoteLoad();
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
            int count = (int)Math.Max(1, (long)_heldCount * idle / (idle + _workers));
            shared = [.. _known.Values.Where(static item => item.State == NodeItemState.Held).TakeLast(count)]; // the others start here first
            foreach (var item in shared)
            {
                item.State = NodeItemState.Forwarding;
                _heldCount--;
            }
        }

        _node.Forward(shared, nodes);
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

        foreach (var item in starting) _node.Start(item);
        Claim();
        if (verdict.Drop.Count > 0) _node.NoteLoad();
    }

    /// <summary>Called when the task of a running attempt has completed.</summary>
    public void Complete(NodeItem item)
    {
        var result = NodeResult.Of(item, _node.Name);
        item.Pool!.Return();
        _node.Actors.Completed(item, result.Status);
        int? credit = null;
        lock (_gate)
        {
            ReportLocked(item, result);
            item.Link = null;
            if (!item.CreatesActor && !item.IsCall) _ahead.Learn(result.Elapsed);
            if (!item.IsCall && item.Grant is null) credit = _node.Credit.NoteCompleted(isLast: _active + _heldCount == 0);
        }

        _node.Report(item, result);
        Claim();
        if (credit is { } number) _node.SetCredit(number);
        _node.NoteLoad();
    }

    /// <summary>Called when a running attempt could not be started.</summary>
    public void FailStart(NodeItem item, Exception error)
    {
        var result = NodeResult.OfFailedStart(item, error);
        item.Pool!.Return();
        _node.Actors.Completed(item, result.Status);
        lock (_gate) ReportLocked(item, result);
        _node.Report(item, result);
        Claim();
        _node.NoteLoad();
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

        _node.SendRunning(here);
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

    private NodeItem? FindClaimedLocked(Guid owner, TaskKey key, long claim) =>
        _known.TryGetValue(new NodeItemKey(owner, key), out var item) && item.State == NodeItemState.Claimed && item.Claim == claim ? item : null;

    private void HoldLocked(NodeItem item)
    {
        item.State = NodeItemState.Held;
        item.SentAt = _node.Time.GetTimestamp();
        _heldCount++;
        if (!item.IsFetching) WaitLocked(item);
    }

    private void ReportLocked(NodeItem item, ResultEntry result)
    {
        item.State = NodeItemState.Reported;
        item.Result = result;
        item.SentAt = _node.Time.GetTimestamp();
        if (!item.IsCall) _active--;
        _resources.Release(item);
        _completed++;
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_active == _known.Values.Count(static item => !item.IsCall && item.State is NodeItemState.Claimed or NodeItemState.Running), "claimed and running attempts are counted");
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
        _fetches.Release(item);
        _resources.Release(item);
        SettleLocked(item);
        if (_known.Count == 0) _node.Credit.NoteIdle(); // the last one may have been dropped
        if (_known.Count < 16) CheckInvariantsLocked(); // it reads all of them
        if (_known.Count == 0 && _empty is { } empty)
        {
            _empty = null;
            empty.TrySetResult();
        }
    }
}
