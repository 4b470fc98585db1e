using Samovar.Ipc;
using Samovar.Ipc.Channel;

namespace Samovar.Processes.Parent;

/// <content>How tasks that were sent are settled, or taken back.</content>
internal sealed partial class Dispatcher
{
    /// <summary>Records that a task runs, if its worker has begun it.</summary>
    public void NoteStart(Future future)
    {
        WorkerLink link;
        int attempt;
        long began;
        lock (_gate)
        {
            // What is in no slot has its result, or has died with its worker, and its start is recorded.
            if (future.HostItem is not Shipment { Link: { State: not WorkerLinkState.Gone } found } shipment) return;
            if (!found.Holds(shipment, shipment.Ticket) || !HasBegunLocked(found, shipment.Ticket)) return;
            link = found;
            attempt = shipment.Attempt;
            began = link.BeganAt(shipment, _time);
        }

        future.TryStartSent(link.Identity, attempt, began, hasEnded: false);
    }

    /// <summary>Takes a task back that its worker has not begun; otherwise records that it runs.</summary>
    public void Recall(Future future)
    {
        var ringing = default(Ringing);
        WorkerLink link;
        int attempt;
        long began;
        lock (_gate)
        {
            // Sent and in no slot: the result, or the death, that took it out of there is being recorded at this moment.
            if (future.HostItem is not Shipment { Link: { State: not WorkerLinkState.Gone } found } shipment) return;
            if (future.SentState != FutureState.Sent || !found.Holds(shipment, shipment.Ticket)) return;
            link = found;
            attempt = shipment.Attempt;
            began = link.BeganAt(shipment, _time);
            if (TryRevokeLocked(link, shipment))
            {
                SendQueuedLocked(link, ref ringing);
                began = 0;
            }

            CheckInvariants();
        }

        ringing.Ring();
        if (began != 0) future.TryStartSent(link.Identity, attempt, began, hasEnded: false);
    }

    /// <summary>Wins the slot of a task that has not begun. True: its future is queued again, but in no queue. False: it has begun.</summary>
    public bool TryRevokeLocked(WorkerLink link, Shipment shipment)
    {
        var ticket = shipment.Ticket;
        try
        {
            if (!link.Channel.Slots.TryRevoke(ticket)) return false;
        }
        catch (ChannelCorruptedException error)
        {
            // There is no way to know whether it has begun: it counts as begun, so that it never runs twice.
            MarkCorruptedLocked(link, error.Message);
            return false;
        }

        if (!shipment.Future.TryTakeBack())
        {
            // The worker had said that it has begun it. There is no way to know what is true: it counts as begun, so that it never runs twice.
            MarkCorruptedLocked(link, "it said of a task that it had begun it, and then that it had not");
            return false;
        }

        link.SetSent(ticket.Slot, null);
        link.Channel.Slots.Free(ticket);
        link.Out--;
        link.Given--;
        if (link.Out == 0) _supervisor.NoteIdleLocked(link);
        return true;
    }

    /// <summary>Puts a task that was taken back to the front of the queue: its turn has come before.</summary>
    public void RequeueLocked(Shipment shipment)
    {
        if (shipment.Body is null) return;
        _lanes.Prepend(shipment.Future);
        _room?.TakeRegardless();
    }

    /// <summary>Whether a worker has begun a task, by its slot; also where the slot is damaged.</summary>
    public bool HasBegunLocked(WorkerLink link, ItemTicket ticket)
    {
        try
        {
            return link.Channel.Slots.StateOf(ticket) == ItemSlotState.Started;
        }
        catch (ChannelCorruptedException error)
        {
            MarkCorruptedLocked(link, error.Message);
            return true;
        }
    }
}
