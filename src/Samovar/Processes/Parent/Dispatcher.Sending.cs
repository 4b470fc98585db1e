using System.Diagnostics;
using Samovar.Ipc;
using Samovar.Processes.Protocol;

namespace Samovar.Processes.Parent;

/// <content>How tasks get into rings.</content>
internal sealed partial class Dispatcher
{
    /// <summary>What became of an attempt to send.</summary>
    private enum SendOutcome
    {
        /// <summary>It is on its way.</summary>
        Sent,

        /// <summary>That worker cannot take it now.</summary>
        NoRoom,

        /// <summary>The task has ended, or cannot be sent at all: see <see cref="Shipment.Refusal"/>.</summary>
        Over,
    }

    /// <summary>Sends from the queue as long as the worker has room.</summary>
    public void SendQueuedLocked(WorkerLink link, ref Ringing ringing)
    {
        while (link.State == WorkerLinkState.Ready && link.Out < RoomOf(link) && _lanes.TakeFirst() is { } future)
        {
            var shipment = future.HostItem as Shipment; // null where it ended at this moment
            var outcome = shipment is null ? SendOutcome.Over : SendLocked(link, shipment, ref ringing);
            if (outcome == SendOutcome.NoRoom)
            {
                _lanes.Prepend(future);
                return;
            }

            _room?.GiveBack();
            if (outcome == SendOutcome.Over && shipment?.Refusal is not null) _refused.Add(shipment);
        }
    }

    /// <summary>Sends from the queue to every worker that has room.</summary>
    public void SendQueuedToAllLocked(ref Ringing ringing)
    {
        foreach (var link in _ready.ToArray()) SendQueuedLocked(link, ref ringing); // a worker that is sent its last task leaves the list
        CheckInvariants();
    }

    /// <summary>Gives the slots of what has a result back, learns from how long it took, and sends more.</summary>
    public void SettleResultsLocked(WorkerLink link, ref Ringing ringing)
    {
        int count = link.Answered.Count;
        foreach (var ticket in link.Answered) link.Channel.Slots.Free(ticket);
        link.Out -= count;
        link.LastAnswer = Stopwatch.GetTimestamp();
        _window.Learn(count, link.AnsweredTook, link.Channel.Slots.FreeCount + link.Out);
        Volatile.Write(ref _windowSize, _window.Size);
        if (link.Out == 0) _supervisor.NoteIdleLocked(link);
        ReclaimLocked(link);
        SendQueuedLocked(link, ref ringing);
        CheckInvariants();
    }

    /// <summary>Closes what the worker has read. A position that it has overwritten costs the worker, not the results of this turn.</summary>
    private static void ReclaimLocked(WorkerLink link)
    {
        try
        {
            link.Channel.LargeWork.Reclaim();
        }
        catch (ChannelCorruptedException error)
        {
            link.Distrust(error.Message); // it is killed when this turn is over
        }
    }

    /// <summary>The worker to send to: an idle one, else the one with the most room; null when all have enough.</summary>
    private WorkerLink? PickLocked()
    {
        WorkerLink? best = null;
        int count = _ready.Count;
        for (int i = 0; i < count; i++)
        {
            // The last one first: its caches are warm, and it may still be awake.
            if (i > 0) _next++;
            if (_next >= count) _next = 0;
            var link = _ready[_next];
            if (link.Out == 0) return link;
            if (link.Out < RoomOf(link) && (best is null || link.Out < best.Out)) best = link;
        }

        return best;
    }

    /// <summary>How many tasks a worker may have.</summary>
    private int RoomOf(WorkerLink link)
    {
        int window = _sendsOneByOne ? 1 : _window.Size;
        if (_tasksPerWorker is not { } limit) return window;
        return (int)Math.Min(window, link.Out + limit - link.Given);
    }

    private SendOutcome SendLocked(WorkerLink link, Shipment shipment, ref Ringing ringing)
    {
        try
        {
            if (shipment.Body is not { } body) return SendOutcome.Over;
            var slots = link.Channel.Slots;
            if (slots.FreeCount == 0) return SendOutcome.NoRoom;
            if (shipment.Work is { } shared) _control.SendSharedWorkLocked(link, shared, ref ringing);
            link.Define(_writer, shipment.DefinitionsNeeded);
            if (!link.TryFlush()) return SendOutcome.NoRoom;

            string name = TaskSerializer.NameOf(shipment.Future);
            var outcome = WriteLocked(link, shipment, name, body);
            if (outcome != SendOutcome.Sent) return outcome;
            foreach (var message in shipment.Ports?.TakeAll() ?? []) _control.SendLiveLocked(link, message);
            ringing.Add(link);
            if (_sleepsForGood)
            {
                _sleepsForGood = false;
                _pump.Wake();
            }

            if (link.Given == _tasksPerWorker) _supervisor.RetireLocked(link);
            return SendOutcome.Sent;
        }
        catch (ChannelCorruptedException error)
        {
            MarkCorruptedLocked(link, error.Message);
            return SendOutcome.NoRoom;
        }
        catch (Exception error) when (error is IOException or OutOfMemoryException)
        {
            shipment.Refusal = error; // the task's own failure: it has no room anywhere
            return SendOutcome.Over;
        }
    }

    private SendOutcome WriteLocked(WorkerLink link, Shipment shipment, string name, byte[] body)
    {
        var work = link.Channel.Work;
        int length = shipment.LengthOf(name, body);
        if (!work.TryReserve(length, out var place)) return SendOutcome.NoRoom;
        if (!TryMarkSentLocked(link, shipment))
        {
            work.Abort();
            return SendOutcome.Over;
        }

        shipment.Compose(place, name, body, TakeSpinHintLocked());
        work.Commit(length, (ushort)RecordTag.Task);
        return SendOutcome.Sent;
    }

    /// <summary>Takes a slot for the task. False: it was cancelled meanwhile.</summary>
    private static bool TryMarkSentLocked(WorkerLink link, Shipment shipment)
    {
        var future = shipment.Future;
        int attempt = future.Attempt;
        if (!future.TrySend()) return false;
        link.Channel.Slots.TrySend(out var ticket);
        shipment.Link = link;
        shipment.Ticket = ticket;
        shipment.Attempt = attempt;
        shipment.DropParts();
        link.SetSent(ticket.Slot, shipment);
        if (link.Out++ == 0) link.LastAnswer = Stopwatch.GetTimestamp();
        link.Given++;
        return true;
    }

    /// <summary>Has the draining thread kill a worker whose memory is damaged.</summary>
    private void MarkCorruptedLocked(WorkerLink link, string reason)
    {
        link.Distrust(reason);
        _pump.Wake();
    }
}
