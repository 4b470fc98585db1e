using Samovar.Ipc;
using Samovar.Ipc.Channel;

namespace Samovar.Processes.Parent;

/// <content>How tasks that were sent are recorded as started, or revoked.</content>
internal sealed partial class Dispatcher
{
    /// <summary>Records that a task is running if its worker has started it.</summary>
    public void NoteStart(Future future)
    {
        WorkerHandle worker;
        int attempt;
        long began;
        lock (_gate)
        {
            // A task in no slot has its result, or died with its worker; its start is recorded already.
            if (future.TaskState is not SerializedTask { Worker: { State: not WorkerPhase.Gone } found } task) return;
            if (!found.Holds(task, task.Ticket) || !HasBegunLocked(found, task.Ticket)) return;
            worker = found;
            attempt = task.Attempt;
            began = worker.BeganAt(task, _time);
        }

        future.TryStartSent(worker.Identity, attempt, began, hasEnded: false);
    }

    /// <summary>Revokes a task that its worker has not started; otherwise, records that it is running.</summary>
    public void Recall(Future future)
    {
        var wakeups = default(PendingWakeups);
        WorkerHandle worker;
        int attempt;
        long began;
        lock (_gate)
        {
            // Sent and in no slot: another thread is just recording the result or the death that removed it from the slot.
            if (future.TaskState is not SerializedTask { Worker: { State: not WorkerPhase.Gone } found } task) return;
            if (future.SentState != FutureState.Sent || !found.Holds(task, task.Ticket)) return;
            worker = found;
            attempt = task.Attempt;
            began = worker.BeganAt(task, _time);
            if (TryRevokeLocked(worker, task))
            {
                SendQueuedLocked(worker, ref wakeups);
                began = 0;
            }

            CheckInvariants();
        }

        wakeups.Ring();
        if (began != 0) future.TryStartSent(worker.Identity, attempt, began, hasEnded: false);
    }

    /// <summary>Tries to win the slot of a task that has not started. Returns true if it succeeds: the state of the future is queued again, but the
    /// future is in no queue. Returns false if the task has started.</summary>
    public bool TryRevokeLocked(WorkerHandle worker, SerializedTask task)
    {
        var ticket = task.Ticket;
        try
        {
            if (!worker.Channel.Slots.TryRevoke(ticket)) return false;
        }
        catch (ChannelCorruptedException error)
        {
            // There is no way to know whether the task has started. It counts as started, so that it never runs twice.
            MarkCorruptedLocked(worker, error.Message);
            return false;
        }

        if (!task.Future.TryTakeBack())
        {
            // The worker had reported that it started the task. There is no way to know which is true: it counts as started, so that it never runs
            // twice.
            MarkCorruptedLocked(worker, "it reported that it had started a task, and then that it had not");
            return false;
        }

        worker.SetSent(ticket.Slot, null);
        worker.Channel.Slots.Free(ticket);
        worker.Out--;
        worker.Given--;
        if (worker.Out == 0) _supervisor.NoteIdleLocked(worker);
        return true;
    }

    /// <summary>Puts a revoked task at the front of the queue, because it had been dispatched before the others.</summary>
    public void RequeueLocked(SerializedTask task)
    {
        if (task.Body is null) return;
        if (task.Input is { } input)
        {
            Kept.LoseLocked(task, input);
            return;
        }

        _queue.Prepend(task.Future);
        _room?.TakeRegardless();
    }

    /// <summary>Returns whether a worker has started a task, according to the task's slot; also true if the slot is corrupted.</summary>
    public bool HasBegunLocked(WorkerHandle worker, ItemTicket ticket)
    {
        try
        {
            return worker.Channel.Slots.StateOf(ticket) == ItemSlotState.Started;
        }
        catch (ChannelCorruptedException error)
        {
            MarkCorruptedLocked(worker, error.Message);
            return true;
        }
    }
}
