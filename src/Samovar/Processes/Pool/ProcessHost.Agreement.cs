using System.Diagnostics;
using Samovar.Ipc;

namespace Samovar.Processes;

/// <content>Whether a worker's slots and ring say of its tasks what the executor's own table says. Where its memory is damaged they may not, and
/// its tasks would wait without end.</content>
internal sealed partial class ProcessHost
{
    /// <summary>A worker that has answered nothing for so long is looked at.</summary>
    private static readonly long s_quiet = Stopwatch.Frequency;

    private static readonly TimeSpan s_betweenLooks = TimeSpan.FromMilliseconds(200);

    private long _lookedAt; // drain

    /// <summary>Drain: whether it is time to look.</summary>
    private bool IsTimeToLook()
    {
        if (Stopwatch.GetElapsedTime(_lookedAt) < s_betweenLooks) return false;
        _lookedAt = Stopwatch.GetTimestamp();
        return true;
    }

    /// <summary>Turn: no thread is in the middle of an answer, so what is not answered stands in the table.</summary>
    private void CondemnIfOutOfStep(WorkerLink link)
    {
        lock (_gate)
        {
            if (link.Out == 0 || link.Verdict is not null || Stopwatch.GetTimestamp() - link.LastAnswer < s_quiet) return;
            foreach (var shipment in link.Unanswered())
            {
                if (DisagreementUnderGate(link, shipment) is not { } reason) continue;
                link.Distrust(reason);
                return;
            }
        }
    }

    private static string? DisagreementUnderGate(WorkerLink link, Shipment shipment)
    {
        ItemSlotState state;
        try
        {
            state = link.Channel.Slots.StateOf(shipment.Ticket);
        }
        catch (ChannelCorruptedException error)
        {
            return error.Message;
        }

        if (state is not (ItemSlotState.Sent or ItemSlotState.Started))
            return $"its slot {shipment.Ticket.Slot} says that task {shipment.Future.Id} was taken back, which the executor has not done";

        // In this order: a worker that begins it now, or answers it, is not idle, or its answer is in the ring.
        return state == ItemSlotState.Started && link.Channel.IsWorkerIdle && !link.Channel.Results.HasRecord
            ? $"it waits for work, and its slot {shipment.Ticket.Slot} says that it has begun task {shipment.Future.Id}, which it has not answered"
            : null;
    }
}
