using Samovar.Ipc;

namespace Samovar.Processes;

/// <content>Work that is to stop: told, and after the grace killed.</content>
internal sealed partial class ProcessHost
{
    public override void StopRequested(Future future, int attempt, StopReason reason)
    {
        if (future.HostItem is not Shipment shipment) return;
        var ringing = default(Ringing);
        WorkerLink link;
        ItemTicket ticket;
        lock (_gate)
        {
            if (shipment.Link is not { State: not WorkerLinkState.Gone } found || !found.Holds(shipment, shipment.Ticket)) return;
            link = found;
            ticket = shipment.Ticket;
            var record = new TicketRecord(ticket.Generation, ticket.Slot, reason);
            TryWriteUnderGate(link, RecordTag.Stop, RecordHeaders.BytesOf(in record).ToArray(), ref ringing);
        }

        ringing.Ring();
        var grace = CancellationGrace;
        string why = reason == StopReason.Timeout
            ? $"task {future.Id} ran past its timeout of {Durations.Text(future.Options.Timeout.GetValueOrDefault())} and the grace of {Durations.Text(grace)}"
            : $"task {future.Id} was cancelled, and went on past the grace of {Durations.Text(grace)}";
        if (grace == TimeSpan.Zero) KillIfHeld(link, shipment, ticket, why);
        else shipment.ArmKill(Time.CreateTimer(_ => KillIfHeld(link, shipment, ticket, why), null, grace, Timeout.InfiniteTimeSpan));
    }

    /// <summary>A killed worker leaves nothing behind; there is nobody to be told.</summary>
    public override void LeftBehind(Future future, int attempt)
    {
        // Not counted: the attempt ended with its process.
    }

    /// <summary>Kills a worker if it still runs this very attempt.</summary>
    private void KillIfHeld(WorkerLink link, Shipment shipment, ItemTicket ticket, string why)
    {
        lock (_gate)
        {
            if (link.State == WorkerLinkState.Gone || !link.Holds(shipment, ticket)) return;
            link.TryCondemn(why);
        }

        link.Process.Kill();
    }

    private void TryWriteUnderGate(WorkerLink link, RecordTag tag, byte[] record, ref Ringing ringing)
    {
        try
        {
            link.Write(tag, record);
            ringing.Add(link);
        }
        catch (Exception error) when (error is ChannelCorruptedException or IOException)
        {
            link.Distrust(error.Message);
            _bell!.Interrupt();
        }
    }
}
