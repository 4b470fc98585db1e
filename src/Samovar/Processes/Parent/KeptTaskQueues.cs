using System.Diagnostics;
using System.Runtime.InteropServices;
using Samovar.Primitives;
using Samovar.Processes.Protocol;
using Samovar.Tasks.Core;

namespace Samovar.Processes.Parent;

/// <summary>The results that workers keep, and the tasks that take one of them. Such a task can run on one worker only, so it waits in a queue of that worker,
/// which is sent before the common queue.</summary>
/// <remarks>Lock rule: the gate guards <see cref="WorkerHandle.KeptCount"/> and <see cref="WorkerHandle.Waiting"/>. A method whose name ends in "Locked" is
/// called under the gate; the others enter it themselves, from any thread, the finalizer's included.</remarks>
internal sealed class KeptTaskQueues(Lock gate, Dispatcher dispatcher, ControlSender control)
{
    private readonly Lock _gate = gate;
    private WorkerSupervisor _supervisor = null!; // set by Connect, before the first task

    public void Connect(WorkerSupervisor supervisor) => _supervisor = supervisor;

    /// <summary>Records that the worker of a task, which has succeeded, keeps its result.</summary>
    public KeptPlace Keep(Future task)
    {
        var identity = task.Worker!;
        using (_gate.HoldRegardless())
        {
            var worker = Array.Find(_supervisor.Handles, worker => ReferenceEquals(worker.Identity, identity));
            if (worker is not null) worker.KeptCount++;
            return new KeptResult(this, worker, identity, task.Id);
        }
    }

    /// <summary>Requests a worker to drop a result.</summary>
    public void Free(WorkerHandle worker, long number)
    {
        var wakeups = default(PendingWakeups);
        using (_gate.HoldRegardless())
        {
            worker.KeptCount--;
            if (worker.State is WorkerPhase.Ready or WorkerPhase.Retiring)
            {
                control.TryWriteLocked(worker, RecordTag.Drop, MemoryMarshal.AsBytes(new ReadOnlySpan<long>(in number)).ToArray(), ref wakeups);
                if (worker.Out == 0) _supervisor.NoteIdleLocked(worker);
            }

            CheckInvariants(worker);
        }

        wakeups.Ring();
    }

    /// <summary>Queues a task for the worker that has its input, or fails it if that has exited.</summary>
    /// <param name="task">The task.</param>
    /// <param name="input">Its input.</param>
    /// <param name="wasInterrupted">Set if this thread was interrupted meanwhile; the caller interrupts it again when it is done.</param>
    public void Enqueue(SerializedTask task, KeptResult input, ref bool wasInterrupted)
    {
        var wakeups = default(PendingWakeups);
        wasInterrupted = _gate.EnterRegardless();
        try
        {
            if (input.Handle is { State: WorkerPhase.Ready } worker)
            {
                (worker.Waiting ??= new()).Enqueue(task.Future);
                dispatcher.SendQueuedLocked(worker, ref wakeups);
                CheckInvariants(worker);
            }
            else
            {
                task.Refusal = input.Lost();
            }
        }
        finally
        {
            _gate.Exit();
        }

        wakeups.Ring();
        Dispatcher.FailIfRefused(task);
    }

    /// <summary>Sends the tasks that wait for this worker, while it has room.</summary>
    public void SendLocked(WorkerHandle worker, ref PendingWakeups wakeups)
    {
        while (worker.State == WorkerPhase.Ready && worker.Out < dispatcher.RoomOfLocked(worker) && worker.Waiting is { } waiting && waiting.TryPeek(out var future))
        {
            var task = future.TaskState as SerializedTask; // null if it has completed, for example was cancelled
            var outcome = task is null ? SendOutcome.Over : dispatcher.SendLocked(worker, task, ref wakeups);
            if (outcome == SendOutcome.NoRoom) return;
            _ = waiting.Dequeue();
            if (outcome == SendOutcome.Over && task?.Refusal is not null) dispatcher.RefuseLocked(task);
        }
    }

    /// <summary>Sends the tasks that wait for this worker. Returns whether some still wait although it may have more tasks, because its ring is full.</summary>
    public bool TrySendLocked(WorkerHandle worker, ref PendingWakeups wakeups)
    {
        if (worker.Waiting is not { Count: > 0 } waiting) return false;
        SendLocked(worker, ref wakeups);
        return waiting.Count > 0 && worker.Out < dispatcher.RoomOfLocked(worker);
    }

    /// <summary>Fails the tasks that wait for a worker, which exits.</summary>
    public void LoseAllLocked(WorkerHandle worker)
    {
        while (worker.Waiting is { } waiting && waiting.TryDequeue(out var future))
        {
            if (future.TaskState is SerializedTask { Input: { } input } task) LoseLocked(task, input);
        }
    }

    /// <summary>Fails a task whose input is lost.</summary>
    public void LoseLocked(SerializedTask task, KeptResult input)
    {
        task.Refusal = input.Lost();
        dispatcher.RefuseLocked(task);
    }

    /// <summary>Moves the tasks that wait for a worker to a list.</summary>
    public static void TakeAllLocked(WorkerHandle worker, List<Future> taken)
    {
        while (worker.Waiting is { } waiting && waiting.TryDequeue(out var task)) taken.Add(task);
    }

    [Conditional("DEBUG")]
    private void CheckInvariants(WorkerHandle worker)
    {
        Debug.Assert(_gate.IsHeldByCurrentThread, "the gate guards the queues");
        Debug.Assert(worker.KeptCount >= 0, "a result is freed once");
        Debug.Assert(worker.Waiting is not { Count: > 0 } || worker.State == WorkerPhase.Ready, "tasks wait for a worker that can receive them");
    }
}
