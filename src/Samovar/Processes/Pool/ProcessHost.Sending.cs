using System.Diagnostics;
using System.Runtime.InteropServices;
using Samovar.Ipc;

namespace Samovar.Processes;

/// <content>How tasks get into rings, and back out of them.</content>
internal sealed partial class ProcessHost
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

    /// <summary>The worker to send to: an idle one, else the one with the most room; null when all have enough.</summary>
    private WorkerLink? PickUnderGate()
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
        int window = Captures ? 1 : _window.Size;
        if (_options.TasksPerWorker is not { } limit) return window;
        return (int)Math.Min(window, link.Out + limit - link.Given);
    }

    private SendOutcome SendUnderGate(WorkerLink link, Shipment shipment, ref Ringing ringing)
    {
        try
        {
            if (shipment.Body is not { } body) return SendOutcome.Over;
            var slots = link.Channel.Slots;
            if (slots.FreeCount == 0) return SendOutcome.NoRoom;
            if (shipment.Work is { } shared) SendWorkUnderGate(link, shared, ref ringing);
            link.Define(_writer, shipment.DefinitionsNeeded);
            if (!link.TryFlush()) return SendOutcome.NoRoom;

            string name = NameOf(shipment.Future);
            var outcome = WriteUnderGate(link, shipment, name, body);
            if (outcome != SendOutcome.Sent) return outcome;
            foreach (var message in shipment.Ports?.TakeAll() ?? []) SendLiveUnderGate(link, message);
            ringing.Add(link);
            if (_sleepsForGood)
            {
                _sleepsForGood = false;
                _bell!.Interrupt();
            }

            if (link.Given == _options.TasksPerWorker) RetireUnderGate(link);
            return SendOutcome.Sent;
        }
        catch (ChannelCorruptedException error)
        {
            link.Distrust(error.Message);
            _bell!.Interrupt();
            return SendOutcome.NoRoom;
        }
        catch (Exception error) when (error is IOException or OutOfMemoryException)
        {
            shipment.Refusal = error; // the task's own failure: it has no room anywhere
            return SendOutcome.Over;
        }
    }

    private SendOutcome WriteUnderGate(WorkerLink link, Shipment shipment, string name, byte[] body)
    {
        var work = link.Channel.Work;
        int length = TaskHeader.Size + (name.Length * sizeof(char)) + shipment.Surroundings.Length + body.Length;
        if (!work.TryReserve(length, out var place)) return SendOutcome.NoRoom;
        if (!TryMarkSentUnderGate(link, shipment, out var header))
        {
            work.Abort();
            return SendOutcome.Over;
        }

        Compose(place, header, name, shipment.Surroundings, body);
        work.Commit(length, (ushort)RecordTag.Task);
        return SendOutcome.Sent;
    }

    /// <summary>Takes a slot for the task. False: it was cancelled meanwhile.</summary>
    private bool TryMarkSentUnderGate(WorkerLink link, Shipment shipment, out TaskHeader header)
    {
        header = default;
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
        header = new TaskHeader
        {
            Generation = ticket.Generation,
            Slot = ticket.Slot,
            Id = future.Id,
            Attempt = attempt,
            DefinitionsNeeded = shipment.DefinitionsNeeded,
            NameLength = NameOf(future).Length,
            TraceLength = (ushort)shipment.Surroundings.Trace.Length,
            CulturesLength = shipment.Surroundings.CulturesLength,
            Shape = shipment.Shape,
            Work = shipment.Work?.Number ?? 0,
            Traits = shipment.Traits | TakeWakefulnessUnderGate(),
        };
        return true;
    }

    /// <summary>The name as it travels: in the ring, so it must not fill it.</summary>
    private static string NameOf(Future future)
    {
        string name = future.Name ?? "";
        return name.Length <= LongestName ? name : name[..LongestName];
    }

    private static void Compose(Span<byte> place, in TaskHeader header, string name, TaskSurroundings surroundings, byte[] body)
    {
        MemoryMarshal.Write(place, header);
        var text = MemoryMarshal.AsBytes(name.AsSpan());
        place = place[TaskHeader.Size..];
        text.CopyTo(place);
        body.CopyTo(surroundings.CopyTo(place[text.Length..]));
    }

    /// <summary>Sends from the lanes as long as the worker has room.</summary>
    private void SendQueuedUnderGate(WorkerLink link, ref Ringing ringing)
    {
        while (link.State == WorkerLinkState.Ready && link.Out < RoomOf(link) && _lanes.TakeFirst() is { } future)
        {
            var shipment = future.HostItem as Shipment; // null where it ended at this moment
            var outcome = shipment is null ? SendOutcome.Over : SendUnderGate(link, shipment, ref ringing);
            if (outcome == SendOutcome.NoRoom)
            {
                _lanes.Prepend(future);
                return;
            }

            _room?.GiveBack();
            if (outcome == SendOutcome.Over && shipment?.Refusal is not null) _refused.Add(shipment);
        }
    }

    /// <summary>Wins the slot of a task that has not begun. True: it is queued again, in no lane. False: it has begun.</summary>
    private bool TryTakeBackUnderGate(WorkerLink link, Shipment shipment)
    {
        var ticket = shipment.Ticket;
        try
        {
            if (!link.Channel.Slots.TryRevoke(ticket)) return false;
        }
        catch (ChannelCorruptedException error)
        {
            // Nobody can say whether it has begun: it counts as begun, so that it never runs twice.
            link.Distrust(error.Message);
            _bell!.Interrupt();
            return false;
        }

        if (!shipment.Future.TryTakeBack())
        {
            // It had said that it has begun it. Nobody can say what is true: it counts as begun, so that it never runs twice.
            link.Distrust("it said of a task that it had begun it, and then that it had not");
            _bell!.Interrupt();
            return false;
        }

        link.SetSent(ticket.Slot, null);
        link.Channel.Slots.Free(ticket);
        link.Out--;
        link.Given--;
        if (link.Out == 0) IdleUnderGate(link);
        return true;
    }

    private bool HasBegunUnderGate(WorkerLink link, ItemTicket ticket)
    {
        try
        {
            return link.Channel.Slots.StateOf(ticket) == ItemSlotState.Started;
        }
        catch (ChannelCorruptedException error)
        {
            link.Distrust(error.Message);
            _bell!.Interrupt();
            return true;
        }
    }

    private static void FailRefused(Shipment shipment)
    {
        if (shipment.Refusal is { } refusal) shipment.Future.FailUnstarted(refusal);
    }
}
