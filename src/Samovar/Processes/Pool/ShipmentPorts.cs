using Samovar.Serialization;

namespace Samovar.Processes;

/// <summary>The executor's ends of the live values in one task's work.</summary>
/// <remarks>What is sent before the worker has the work waits, and is sent with it; also when the work is sent again.</remarks>
internal sealed class ShipmentPorts(ProcessHost host) : LiveConnector
{
    private readonly Lock _gate = new();
    private readonly List<Port> _ports = [];
    private readonly List<PackedRecord> _sent = [];
    private Shipment? _shipment;
    private bool _isClosed;

    /// <summary>Whether the work holds live values at all.</summary>
    public bool IsUsed => _ports.Count > 0;

    /// <summary>The work that the ports belong to, once it is whole.</summary>
    public Shipment? Shipment
    {
        get => Volatile.Read(ref _shipment);
        set => Volatile.Write(ref _shipment, value);
    }

    public override LivePort Open(LiveReceiver receive)
    {
        var port = new Port(this, host.NextPort(), receive);
        lock (_gate) _ports.Add(port);
        return port;
    }

    /// <summary>Results carry no live values.</summary>
    public override LivePort Connect(long id, LiveReceiver receive) =>
        throw new ShippingFormatException($"A worker's message carries a live value (port {id}), which it must not.");

    /// <summary>What was sent so far, in order; for a worker that gets the work now.</summary>
    public PackedRecord[] Sent()
    {
        lock (_gate) return [.. _sent];
    }

    /// <summary>Hands on a message of the worker's: in order, on the thread pool.</summary>
    /// <returns>False where there is no such port.</returns>
    public bool Receive(Shipment shipment, long id, Func<object?> read)
    {
        Port? port;
        lock (_gate) port = _ports.Find(p => p.Id == id);
        if (port is null) return false;
        (shipment.Calls ??= new()).Add(() => port.Deliver(read));
        return true;
    }

    /// <summary>The task has ended.</summary>
    public void Close()
    {
        Port[] open;
        lock (_gate)
        {
            _isClosed = true;
            open = [.. _ports];
            _ports.Clear();
            _sent.Clear();
        }

        foreach (var port in open) port.Dispose();
    }

    private void Send(long id, object? message)
    {
        var sent = host.Pack(id, message);
        lock (_gate)
        {
            if (_isClosed) return;
            _sent.Add(sent);
        }

        if (Shipment is { } shipment) host.SendLive(shipment, sent);
    }

    private sealed class Port(ShipmentPorts owner, long id, LiveReceiver receive) : LivePort
    {
        public override long Id => id;

        public override void Send(object? message) => owner.Send(id, message);

        public void Deliver(Func<object?> read)
        {
            try
            {
                receive(read());
            }
            catch (Exception error)
            {
                // The receiver's error is the submitter's, not the work's.
                owner.Report(error);
            }
        }

        protected override void Close()
        {
            lock (owner._gate) owner._ports.Remove(this);
        }
    }

    private void Report(Exception error) =>
        host.Report(FailureSource.ProgressHandler, Shipment?.Future.Id ?? 0, Shipment?.Future.Name, error);
}

/// <summary>A record ready to be sent: header and body.</summary>
internal readonly record struct PackedRecord(byte[] Record, int DefinitionsNeeded);
