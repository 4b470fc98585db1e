using System.Diagnostics;
using Samovar.Cluster.Protocol;
using Samovar.Processes.Protocol;
using Samovar.Tasks.Core;

namespace Samovar.Cluster.Owner;

/// <summary>The tasks that were sent into the cluster, and the nodes that run them.</summary>
/// <remarks>The gate guards the dictionaries and what they contain. No user code runs under it; the states of futures change under it, which at most
/// creates timers.</remarks>
internal sealed partial class OwnerTasks(ClusterCore core, TimeProvider presence)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<long, ClusterTask> _sent = []; // by the number of the task
    private readonly Dictionary<Guid, ClusterNodeInfo> _nodes = [];
    private readonly NodeLoads _loads = new(); // gate
    private int _running; // gate
    private long _lastNode; // gate: the number of the latest node

    /// <summary>How many tasks the nodes can run at the same time, and how many they run for this owner.</summary>
    public (int Workers, int Running, int Sent) Count()
    {
        lock (_gate)
        {
            int workers = core.Actor is not null ? 1 : _nodes.Values.Where(static node => node.State == NodeState.Accepting).Sum(static node => node.Workers);
            return (workers, _running, _sent.Count - _running);
        }
    }

    /// <summary>Records that a queued task is sent. Returns false if it was cancelled meanwhile.</summary>
    public bool TrySend(Future future)
    {
        if (future.TaskState is not ClusterTask task) return false;
        lock (_gate)
        {
            task.Attempt = future.Attempt;
            task.SentAt = presence.GetTimestamp();
            task.Node = null;
            task.Stop = null;
            task.Probe = null;
            task.IsPausing = false;
            task.LiveSent = 0;
            task.LiveReceived = 0;
            task.ProgressReceived = 0;
            task.HasEnded = false;
            if (!future.TrySend()) return false;
            _sent[future.Id] = task;
            return true;
        }
    }

    /// <summary>Takes a task that no node runs back to the queued state.</summary>
    public void Recall(Future future)
    {
        lock (_gate)
        {
            if (future.TryTakeBack()) _sent.Remove(future.Id);
        }
    }

    /// <summary>Decides which of the claimed attempts a node may start, and answers it: first with the verdict, then with what was sent for them before.
    /// All under the gate, because later messages must come after these.</summary>
    public void Decide(Guid sender, ClaimMessage claim)
    {
        List<TaskKey> start = [], drop = [];
        List<ClusterTask> more = [];
        lock (_gate)
        {
            var node = NodeLocked(sender, claim.Node, claim.Address);
            node.HasRefused = false;
            foreach (var key in claim.Keys)
            {
                if (!_sent.TryGetValue(key.Id, out var task) || !MayStartLocked(node, task, key))
                {
                    drop.Add(key);
                    continue;
                }

                task.Claim = claim.Number;
                task.ReportedAt = presence.GetTimestamp();
                task.Probe = null;
                start.Add(key);
                if (task.Ports is not null || task.Stop is not null) more.Add(task);
            }

            core.Send(claim.Address, MessageKind.Verdict, new VerdictMessage(sender, claim.Number, start, drop).Write());
            foreach (var task in more) RepeatLocked(task, node, 0);
        }

        core.Monitor.Claimed(start.Count, drop.Count);
    }

    /// <summary>Answers a node that reports what it runs: repeats what it has missed, and kills what this owner does not want any more.</summary>
    public void Reconcile(Guid sender, RunningMessage message)
    {
        lock (_gate)
        {
            foreach (var (key, received) in message.Tasks)
            {
                if (core.Actor?.LivesAt(sender, key) == true) continue; // the node has the instance
                if (_sent.TryGetValue(key.Id, out var task) && task.Attempt == key.Attempt && task.Node is { } node && node.Id == sender)
                {
                    task.ReportedAt = presence.GetTimestamp();
                    task.Probe = null;
                    RepeatLocked(task, node, received);
                    continue;
                }

                core.Send(message.Address, MessageKind.Kill, new StopMessage(key, StopReason.Cancel, "its owner does not wait for it any more").Write());
            }
        }
    }

    /// <summary>Requests the node of an attempt to stop it. Does nothing if no node runs it.</summary>
    public void Stop(ClusterTask task, int attempt, StopRequest request)
    {
        lock (_gate)
        {
            if (task.Attempt != attempt || task.Node is not { } node) return;
            task.Stop = request;
            core.Send(node.Address, request.Kind, new StopMessage(new TaskKey(task.Future.Id, attempt), request.Reason, request.Text).Write());
        }
    }

    /// <summary>Removes the task whose attempt has an outcome. Returns null if the outcome is not wanted any more.</summary>
    /// <param name="sender">The node that reports it.</param>
    /// <param name="key">The attempt.</param>
    /// <param name="name">The name of the node.</param>
    public ClusterTask? Take(Guid sender, TaskKey key, out string name)
    {
        name = "";
        lock (_gate)
        {
            if (_sent.TryGetValue(key.Id, out var task) && task.Attempt == key.Attempt && task.Node is { } node && node.Id == sender)
            {
                name = node.Name;
                RemoveLocked(task, node);
                return task;
            }

            return null;
        }
    }

    /// <summary>Returns whether a node has dropped an attempt after its latest claim for it. An older report, which was repeated, does not count: the node
    /// may run the attempt that it received again.</summary>
    public bool IsDropped(ResultEntry result)
    {
        lock (_gate) return _sent.TryGetValue(result.Key.Id, out var task) && result.DroppedClaim >= task.Claim;
    }

    /// <summary>Takes a task back that no node runs. Returns null if it is not there, or was sent to another node than the one that is given.</summary>
    public Future? TakeUnstarted(TaskKey key, Guid? sender)
    {
        lock (_gate)
        {
            if (!_sent.TryGetValue(key.Id, out var task) || task.Attempt != key.Attempt || task.Node is not null) return null;
            if ((sender is { } node && task.IsPlacedElsewhere(node)) || !task.Future.TryTakeBack()) return null;
            _sent.Remove(key.Id);
            return task.Future;
        }
    }

    /// <summary>Returns the task of a running attempt; null if it does not run on this node.</summary>
    public ClusterTask? FindRunning(Guid sender, TaskKey key, out string name)
    {
        name = "";
        lock (_gate)
        {
            if (!_sent.TryGetValue(key.Id, out var task) || task.Attempt != key.Attempt || task.Node is not { } node || node.Id != sender) return null;
            name = node.Name;
            return task;
        }
    }

    /// <summary>Returns whether a node runs an attempt.</summary>
    public bool IsRunning(ClusterTask task, int attempt)
    {
        lock (_gate) return task.Attempt == attempt && task.Node is not null;
    }

    /// <summary>Records that attempts have completed, whose results are on the way.</summary>
    public void NoteEnded(Guid sender, IEnumerable<TaskKey> keys)
    {
        lock (_gate)
        {
            foreach (var key in keys)
            {
                if (_sent.TryGetValue(key.Id, out var task) && task.Attempt == key.Attempt && task.Node?.Id == sender) (task.HasEnded, task.Probe) = (true, null);
            }
        }
    }

    /// <summary>Sends the messages of a task's live values that its node does not have yet; does nothing while no node runs it.</summary>
    public void SendLive(ClusterTask task)
    {
        lock (_gate)
        {
            if (task.Node is { } node) SendLiveLocked(task, node, task.Ports!.TakeRest());
        }
    }

    /// <summary>Returns the tasks that were sent.</summary>
    public List<Future> AllSent()
    {
        lock (_gate) return [.. _sent.Values.Select(static task => task.Future)];
    }

    /// <summary>Returns the nodes with the number of tasks that they run.</summary>
    public List<(ClusterNodeInfo Node, List<Future> Running)> AllNodes()
    {
        lock (_gate) return [.. _nodes.Values.Select(static node => (node, node.Running.Select(static task => task.Future).ToList()))];
    }

    /// <summary>Returns the numbers of nodes that accept tasks, and that leave.</summary>
    public (int Accepting, int Draining) CountNodes()
    {
        lock (_gate)
        {
            int draining = _nodes.Values.Count(static node => node.State == NodeState.Draining);
            return (_nodes.Count - draining, draining);
        }
    }

    /// <summary>Records what a node reports of itself, and asks nodes to share their tasks with others. Returns the tasks that it ran if it has
    /// left.</summary>
    public List<(ClusterTask Task, int Attempt)> Note(Guid sender, BuildId build, BeaconMessage beacon)
    {
        lock (_gate)
        {
            if (beacon.State == NodeState.Gone) return RemoveNodeLocked(sender);
            var node = NodeLocked(sender, beacon.Name, beacon.Address);
            node.Workers = beacon.Workers;
            node.State = beacon.State;
            node.Build = build;
            (node.Beacon, node.BeaconAt) = (beacon, node.SeenAt);
            _loads.Note(node, beacon);
            if (_sent.Count > _running && _loads.Match(node, out var idle) is { } giver) // otherwise the tasks that wait are those of other owners
                core.Send(giver.Address, MessageKind.Share, new ShareMessage(idle).Write());
            return [];
        }
    }

    /// <summary>Removes the nodes whose last message is too old. Returns the tasks that they ran.</summary>
    public List<(ClusterNodeInfo Node, List<(ClusterTask Task, int Attempt)> Tasks)> RemoveSilent(TimeSpan limit)
    {
        lock (_gate)
        {
            var silent = _nodes.Values.Where(node => presence.GetElapsedTime(node.SeenAt) > limit).ToList();
            return [.. silent.Select(node => (node, RemoveNodeLocked(node.Id)))];
        }
    }

    /// <summary>Removes the tasks that their nodes, although they report, have not reported for too long: a node gives up an owner whose reply box it
    /// cannot find. Returns them with their nodes.</summary>
    public List<(ClusterNodeInfo Node, List<(ClusterTask Task, int Attempt)> Tasks)> RemoveUnreported(TimeSpan limit)
    {
        lock (_gate)
        {
            List<(ClusterNodeInfo Node, List<(ClusterTask Task, int Attempt)> Tasks)> lost = [];
            foreach (var node in _nodes.Values)
            {
                var tasks = node.Running.Where(task => presence.GetElapsedTime(task.ReportedAt) > limit).Select(static task => (task, task.Attempt)).ToList();
                foreach (var (task, _) in tasks) RemoveLocked(task, node);
                if (tasks.Count > 0) lost.Add((node, tasks));
            }

            return lost;
        }
    }

    /// <summary>Counts the silence of all nodes from now: this process was not able to receive anything.</summary>
    public void ForgetSilence()
    {
        lock (_gate)
        {
            if (_nodes.Count > 0) _disturbedAt = presence.GetTimestamp();
            foreach (var node in _nodes.Values)
            {
                node.SeenAt = presence.GetTimestamp();
                foreach (var task in node.Running) (task.ReportedAt, task.Probe) = (presence.GetTimestamp(), null);
            }
        }
    }

    private bool MayStartLocked(ClusterNodeInfo node, ClusterTask task, TaskKey key)
    {
        var future = task.Future;
        if (task.Attempt != key.Attempt) return false;
        if (task.Node is { } current) return current == node && future.IsRunning(key.Attempt); // the node repeats its claim
        if (core.IsDiscarding || task.IsPlacedElsewhere(node.Id)) return false;
        if (!future.TryStartSent(IdentityOf(node), key.Attempt, core.Time.GetTimestamp(), hasEnded: true)) return false; // its timeout counts from the start
        NoteStartLocked(task, node);
        return true;
    }

    private WorkerIdentity IdentityOf(ClusterNodeInfo node) => new(0, $"{core.Name} {node.Name}") { ProcessId = 0 };

    private void NoteStartLocked(ClusterTask task, ClusterNodeInfo node)
    {
        task.Node = node;
        task.Refusals = 0;
        node.Running.Add(task);
        _running++;
    }

    /// <summary>Sends again what a node may have missed.</summary>
    /// <param name="task">The task, which the node runs.</param>
    /// <param name="node">The node.</param>
    /// <param name="received">How many messages of live values it has received.</param>
    private void RepeatLocked(ClusterTask task, ClusterNodeInfo node, int received)
    {
        if (task.Ports is { } ports && (received == 0 || received < task.LiveSent))
        {
            var all = ports.TakeAll();
            task.LiveSent = 0;
            SendLiveLocked(task, node, all);
        }

        if (task.Stop is { } stop) core.Send(node.Address, stop.Kind, new StopMessage(new TaskKey(task.Future.Id, task.Attempt), stop.Reason, stop.Text).Write());
    }

    private void SendLiveLocked(ClusterTask task, ClusterNodeInfo node, PackedRecord[] records)
    {
        foreach (var record in records) core.SendLive(node.Address, new TaskKey(task.Future.Id, task.Attempt), task.LiveSent++, record);
    }

    private ClusterNodeInfo NodeLocked(Guid id, string name, string address)
    {
        if (!_nodes.TryGetValue(id, out var node)) _nodes.Add(id, node = new ClusterNodeInfo(id, name, address, ++_lastNode));
        node.SeenAt = presence.GetTimestamp();
        return node;
    }

    private List<(ClusterTask Task, int Attempt)> RemoveNodeLocked(Guid id)
    {
        if (!_nodes.TryGetValue(id, out var node)) return [];
        List<(ClusterTask Task, int Attempt)> lost = [];
        foreach (var task in node.Running.ToList())
        {
            lost.Add((task, task.Attempt));
            RemoveLocked(task, node);
        }

        _nodes.Remove(id);
        _loads.Remove(node);
        return lost;
    }

    private void RemoveLocked(ClusterTask task, ClusterNodeInfo node)
    {
        node.Running.Remove(task);
        task.Node = null;
        task.Probe = null;
        task.Attempt = 0;
        _sent.Remove(task.Future.Id);
        _running--;
        CheckInvariantsLocked();
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_running >= 0 && _running <= _sent.Count, "a task that runs was sent");
        Debug.Assert(_running == _nodes.Values.Sum(static node => node.Running.Count), "a task that runs is on one known node");
    }
}
