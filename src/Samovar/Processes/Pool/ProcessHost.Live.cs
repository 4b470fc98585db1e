using Samovar.Ipc;

namespace Samovar.Processes;

/// <content>Live values and progress: messages beside the tasks themselves.</content>
internal sealed partial class ProcessHost
{
    private long _lastPort;

    public long NextPort() => Interlocked.Increment(ref _lastPort);

    /// <summary>Makes a message for a port ready to be sent.</summary>
    public PackedRecord Pack(long port, object? message) => PackedRecord.OfLive(_writer, port, message);

    /// <summary>Sends the messages that wait to whoever has the work now. Where nobody has, they go with the work.</summary>
    public void SendLive(Shipment shipment)
    {
        var ringing = default(Ringing);
        lock (_gate)
        {
            if (shipment.Link is not { State: not WorkerLinkState.Gone } link || !link.Holds(shipment, shipment.Ticket)) return;
            foreach (var message in shipment.Ports!.TakeRest()) SendLiveUnderGate(link, message);
            ringing.Add(link);
        }

        ringing.Ring();
    }

    private void SendLiveUnderGate(WorkerLink link, PackedRecord message)
    {
        try
        {
            link.Define(_writer, message.DefinitionsNeeded);
            link.Write(RecordTag.Live, message.Record);
        }
        catch (Exception error) when (error is ChannelCorruptedException or IOException)
        {
            link.Distrust(error.Message);
            _bell!.Interrupt();
        }
    }

    private static void TakeLive(WorkerLink link, LiveHeader header, ReadOnlySpan<byte> body)
    {
        // Tasks run one by one, so few are asked. Where none answers the task has ended, and what it still says is not heard.
        byte[] copy = body.ToArray();
        object? Read() => link.Reader.Read<object?>(copy);
        link.FindSent(shipment =>
            shipment.Ports?.Receive(shipment, header.Port, Read) == true
            || (shipment.Work?.Ports is { } ports && link.Channel.Slots.StateOf(shipment.Ticket) == ItemSlotState.Started && ports.Receive(shipment, header.Port, Read)));
    }

    private void TakeProgress(WorkerLink link, Shipment shipment, in ProgressHeader header, ReadOnlySpan<byte> text)
    {
        double? fraction = header.Fraction is >= 0 and <= 1 ? header.Fraction : null;
        string? message = header.HasMessage == 0 ? null : new string(RecordHeaders.TextOf(text));
        var progress = new TaskProgress(fraction, message);
        shipment.Future.TryStartSent(link.Identity, shipment.Attempt, BeganAt(link, shipment), hasEnded: false);
        shipment.Future.KeepProgress(progress);
        if (shipment.Future.Options.Progress is not null) (shipment.Calls ??= new()).Add(() => shipment.Future.TellProgress(progress));
    }
}
