using Samovar.Processes.Protocol;
using Samovar.Tasks.Core;

namespace Samovar.Processes.Parent;

/// <summary>The executor's ends of the live values in one task's work.</summary>
internal sealed class ShipmentPorts(TaskHost pool, ControlSender control) : LivePorts
{
    private Shipment? _shipment;

    /// <summary>The work that the ports belong to, once it is whole.</summary>
    public Shipment? Shipment
    {
        get => Volatile.Read(ref _shipment);
        set => Volatile.Write(ref _shipment, value);
    }

    /// <summary>Hands on a message of the worker's: in order, on the thread pool.</summary>
    /// <returns>False where there is no such port.</returns>
    public bool Receive(Shipment shipment, long id, Func<object?> read)
    {
        if (DeliveryOf(id, read) is not { } delivery) return false;
        (shipment.Calls ??= new()).Add(delivery);
        return true;
    }

    protected override long NextId() => control.NextPort();

    protected override PackedRecord Pack(long id, object? message) => control.Pack(id, message);

    protected override void SendRest()
    {
        if (Shipment is { } shipment) control.SendLive(shipment);
    }

    protected override void Report(Exception error) =>
        pool.Report(FailureSource.ProgressHandler, Shipment?.Future.Id ?? 0, Shipment?.Future.Name, error);
}
