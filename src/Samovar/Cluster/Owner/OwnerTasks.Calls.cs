using Samovar.Cluster.Protocol;

namespace Samovar.Cluster.Owner;

/// <content>Calls of an actor, which the owner starts without a claim: they go to the node that has the instance.</content>
internal sealed partial class OwnerTasks
{
    /// <summary>From when on a call that its node does not report is sent again; nodes report every few seconds.</summary>
    private static readonly TimeSpan s_overdue = BeaconMessage.Interval * 1.5;

    public bool Knows(Guid node)
    {
        lock (_gate) return _nodes.ContainsKey(node);
    }

    /// <summary>Returns the place of the instance that a task has created, if a node reports that now; otherwise, null.</summary>
    public ActorPlace? PlaceOf(Guid sender, TaskKey key) =>
        FindRunning(sender, key, out string node) is { CreatesActor: true } ? new ActorPlace(sender, node, key) : null;

    /// <summary>Starts a call and sends it to the node of the instance.</summary>
    public CallStart StartCall(Future call, ActorPlace place)
    {
        if (call.TaskState is not ClusterTask task) return CallStart.Completed;
        lock (_gate)
        {
            if (!_nodes.TryGetValue(place.Node, out var node)) return CallStart.NodeIsGone;
            if (!TrySend(call)) return CallStart.Completed;

            // SYNC: queued or ending. The call is sent, then the shutdown's mode is read.
            if (core.IsDiscarding) return CallStart.Discarded;
            if (!call.TryStartSent(IdentityOf(node), call.Attempt, core.Time.GetTimestamp(), hasEnded: true)) return CallStart.Completed;
            NoteStartLocked(task, node);
            task.Place = place;
            task.CallNumber = ++place.LastCall;
            task.ReportedAt = presence.GetTimestamp();
            SendCallLocked(task, node);
            RepeatLocked(task, node, 0);
            return CallStart.Started;
        }
    }

    /// <summary>Sends a call again that its node has not reported for long.</summary>
    public void RepeatCall(ClusterTask task)
    {
        lock (_gate)
        {
            if (task.Node is { } node && presence.GetElapsedTime(task.ReportedAt) > s_overdue) SendCallLocked(task, node);
        }
    }

    private void SendCallLocked(ClusterTask task, ClusterNodeInfo node)
    {
        if (task.Place is { } place && core.ComposeCall(task) is { } tasks)
            core.Send(node.Address, MessageKind.Call, new ActorCallMessage(place.Creation, task.CallNumber, tasks).Write());
    }
}
