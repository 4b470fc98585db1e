using Samovar.Ipc;
using Samovar.Ipc.Channel;

namespace Samovar.Processes.Parent;

/// <content>How tasks that were sent are settled, or taken back.</content>
internal sealed partial class Dispatcher
{
    /// <summary>Records that a task runs, if its worker has begun it.</summary>
    public void NoteStart(Future future)
    {
        WorkerHandle worker;
        int attempt;
        long began;
        lock (_gate)
        {
            // What is in no slot has its result, or has died with its worker, and its start is recorded.
            if (future.TaskState is not SerializedTask { Worker: { State: not WorkerState.Gone } found } task) return;
            if (!found.Holds(task, task.Ticket) || !HasBegunLocked(found, task.Ticket)) return;
            worker = found;
            attempt = task.Attempt;
            began = worker.BeganAt(task, _time);
        }

        future.TryStartSent(worker.Identity, attempt, began, hasEnded: false);
    }

    /// <summary>Takes a task back that its worker has not begun; otherwise records that it runs.</summary>
    public void Recall(Future future)
    {
        var wakeups = default(PendingWakeups);
        WorkerHandle worker;
        int attempt;
        long began;
        lock (_gate)
        {
            // Sent and in no slot: the result, or the death, that took it out of there is being recorded at this moment.
            if (future.TaskState is not SerializedTask { Worker: { State: not WorkerState.Gone } found } task) return;
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

    /// <summary>Wins the slot of a task that has not begun. True: its future is queued again, but in no queue. False: it has begun.</summary>
    public bool TryRevokeLocked(WorkerHandle worker, SerializedTask task)
    {
        var ticket = task.Ticket;
        try
        {
            if (!worker.Channel.Slots.TryRevoke(ticket)) return false;
        }
        catch (ChannelCorruptedException error)
        {
            // There is no way to know whether it has begun: it counts as begun, so that it never runs twice.
            MarkCorruptedLocked(worker, error.Message);
            return false;
        }

        if (!task.Future.TryTakeBack())
        {
            // The worker had said that it has begun it. There is no way to know what is true: it counts as begun, so that it never runs twice.
            MarkCorruptedLocked(worker, "it said of a task that it had begun it, and then that it had not");
            return false;
        }

        worker.SetSent(ticket.Slot, null);
        worker.Channel.Slots.Free(ticket);
        worker.Out--;
        worker.Given--;
        if (worker.Out == 0) _supervisor.NoteIdleLocked(worker);
        return true;
    }

    /// <summary>Puts a task that was taken back to the front of the queue: its turn has come before.</summary>
    public void RequeueLocked(SerializedTask task)
    {
        if (task.Body is null) return;
        _queue.Prepend(task.Future);
        _room?.TakeRegardless();
    }

    /// <summary>Whether a worker has begun a task, by its slot; also where the slot is damaged.</summary>
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
