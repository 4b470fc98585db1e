using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Samovar.Cluster.Protocol;
using Samovar.Executors.Actors;
using Samovar.Primitives;
using Samovar.Tasks.Running;

namespace Samovar.Cluster.Owner;

/// <summary>The actor whose calls a core runs. The calls wait here; the node that has the instance receives one after the other.</summary>
/// <remarks>
/// <list type="number">
/// <item>The task that creates the instance passes through the queue of the cluster, as any other. The node that runs it keeps the instance.</item>
/// <item>At most one call is on the node, so no call can overtake another one, and a call that waits can be cancelled without asking the node.</item>
/// <item>The instance is lost with its process and with its node. Then the policy decides: the calls that wait fail, or wait until another instance
/// exists.</item>
/// </list>
/// The gate guards the calls and the place. No code of the program runs under it. It may be taken under no other gate.
/// </remarks>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class OwnerActor(ClusterCore core, OwnerTasks tasks, ActorLife life)
{
    private readonly Lock _gate = new();
    private readonly PriorityTaskQueue _calls = new(); // gate
    private readonly HashSet<Future> _queued = []; // gate: the calls in the queue; a task that was cancelled does not know its queue
    private Future? _current; // gate: the call that is being sent, or runs
    private ActorPlace? _place; // written under the gate; Volatile

    /// <summary>Submits the task that creates an instance. Set before the first one.</summary>
    public Func<Future>? Create { get; set; }

    /// <summary>Returns whether the instance lives on this node, created by this task.</summary>
    public bool LivesAt(Guid node, TaskKey creation) => Volatile.Read(ref _place) is { } place && place.Node == node && place.Creation == creation; // SYNC: actor place

    /// <summary>Adds a call. One that comes back from the node, which has not started it, is the next one.</summary>
    public void Enqueue(Future call)
    {
        lock (_gate)
        {
            if (_current == call)
            {
                _current = null;
                _calls.Prepend(call);
            }
            else
            {
                _calls.Append(call);
            }

            _queued.Add(call);
            CheckInvariantsLocked();
        }

        // SYNC: call queued or actor lost. The call is queued, then the loss is read.
        if (life.LostBy is not null) FailQueued();
        Advance();
    }

    /// <summary>Removes a call that was cancelled. Returns false if it does not wait here.</summary>
    public bool TryRemove(Future call)
    {
        lock (_gate)
        {
            if (!_queued.Remove(call)) return false;
            _calls.Remove(call);
            CheckInvariantsLocked();
            return true;
        }
    }

    /// <summary>Removes and returns the calls that wait.</summary>
    public List<Future> TakeAll()
    {
        List<Future> taken = [];
        lock (_gate)
        {
            while (_calls.TakeFirst() is { } call) taken.Add(call);
            _queued.Clear();
        }

        return taken;
    }

    /// <summary>Returns the call whose work is being stored, before it is sent: it is not in the queue any more. Null for none.</summary>
    public Future? FindStoring()
    {
        lock (_gate) return _current is { SentState: FutureState.Queued } call ? call : null;
    }

    /// <summary>Called when an instance was created.</summary>
    public void Created(ActorPlace place)
    {
        lock (_gate) Volatile.Write(ref _place, place); // SYNC: actor place
        Advance();
    }

    /// <summary>Called when a task has completed: the next call may run.</summary>
    public void Completed(Future call)
    {
        lock (_gate)
        {
            if (_current != call) return;
            _current = null;
        }

        Advance();
    }

    /// <summary>Called when an instance was lost; only the first call for each instance counts.</summary>
    public void Lose(ActorPlace place, Exception cause)
    {
        lock (_gate)
        {
            if (_place != place) return;
            Volatile.Write(ref _place, null); // SYNC: actor place
        }

        LoseInstance(cause);
    }

    /// <summary>Like <see cref="Lose"/>; returns the error of the call that was running.</summary>
    public Exception LoseRunning(ActorPlace place, Exception cause)
    {
        Lose(place, cause);
        return life.ErrorOfRunningCall(cause);
    }

    /// <summary>Notices that the node of the instance has left or is silent, although no call ran there.</summary>
    public void CheckNode()
    {
        if (Volatile.Read(ref _place) is { } place && !tasks.Knows(place.Node)) Lose(place, LossOf(place)); // SYNC: actor place
    }

    /// <summary>Sends the running call again if the node does not report it: the message may have been lost.</summary>
    public void Repeat()
    {
        Future? current;
        lock (_gate) current = _current;
        if (current?.TaskState is ClusterTask task) tasks.RepeatCall(task);
    }

    private static NodeLostException LossOf(ActorPlace place) =>
        new(place.Name, $"Node '{place.Name}', on which the actor lived, has left the cluster, or was silent for too long.");

    private void LoseInstance(Exception cause)
    {
        if (core.IsKilling) return; // the calls are cancelled
        if (life.NoteLoss(cause)) _ = CreateAgainAsync();
        else FailQueued();
    }

    private async Task CreateAgainAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // the factory is serialized, which may run code of the program
        try
        {
            await Create!().ConfigureAwait(false);
        }
        catch (Exception error) when (error is NodeLostException or WorkerCrashedException)
        {
            LoseInstance(error);
        }
        catch (Exception error)
        {
            life.Lose(error); // the factory has thrown, or the executor is being shut down
            FailQueued();
        }
    }

    private void FailQueued()
    {
        // SYNC: call queued or actor lost. The loss is recorded, then the calls are read.
        foreach (var call in TakeAll()) call.EndUnstarted(FutureState.Failed, life.Lost());
    }

    private void Advance()
    {
        while (TryTakeNext(out var call, out var place))
        {
            if (call.TaskState is ClusterTask { IsLong: true } task)
            {
                _ = StoreAndSendAsync(call, task, place);
                return;
            }

            Send(call, place);
        }
    }

    private bool TryTakeNext([NotNullWhen(true)] out Future? call, [NotNullWhen(true)] out ActorPlace? place)
    {
        call = null;
        lock (_gate)
        {
            place = _place;
            if (place is null || _current is not null) return false;
            call = _current = _calls.TakeFirst();
            return call is not null && _queued.Remove(call);
        }
    }

    private async Task StoreAndSendAsync(Future call, ClusterTask task, ActorPlace place)
    {
        try
        {
            await task.StoreAsync().ConfigureAwait(false);
        }
        catch (Exception error) when (error is ObjectDisposedException or OperationCanceledException)
        {
            return; // the executor has stopped: all its tasks have completed
        }
        catch (Exception error)
        {
            call.EndUnstarted(FutureState.Failed, error); // the broker does not take it
            return;
        }

        Send(call, place);
        Advance();
    }

    private void Send(Future call, ActorPlace place)
    {
        switch (tasks.StartCall(call, place))
        {
            case CallStart.Started:
                (call.TaskState as ClusterTask)?.LeaveQueue();
                break;
            case CallStart.Completed:
                lock (_gate)
                {
                    if (_current == call) _current = null;
                }

                break;
            case CallStart.Discarded:
                core.CancelUnstartedTask(call);
                break;
            default:
                Lose(place, LossOf(place)); // first: otherwise the call would be sent there again
                Enqueue(call);
                break;
        }
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_gate.IsHeldByCurrentThread, "the gate guards the calls");
        Debug.Assert(_calls.Count == _queued.Count, "the calls in the queue are listed");
    }
}
