using System.Diagnostics.CodeAnalysis;
using Samovar.Serialization;

namespace Samovar.Cluster.Worker;

/// <summary>The worker's ends of the live values of one task, whose messages a <see cref="ClusterLink"/> carries. Thread-safe; receivers run outside of
/// the gate.</summary>
[UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Live values are created only by code that is annotated.")]
internal sealed class LinkedPorts(ClusterLink link) : LiveConnector
{
    private readonly Lock _gate = new();
    private readonly Dictionary<long, Port> _open = []; // gate
    private readonly List<(long Port, byte[] Packed)> _early = []; // gate: messages for ports that are not connected yet
    private readonly List<Action> _whenEnded = []; // gate
    private bool _isClosed; // gate

    internal override bool EndsWithTask => true;

    internal override void WhenTaskEnds(Action ended)
    {
        lock (_gate) _whenEnded.Add(ended);
    }

    /// <summary>Always throws: a worker does not serve live values in results.</summary>
    public override LivePort Open(LiveReceiver receive) =>
        throw new NotSupportedException("The result of a task in a cluster cannot contain live values. Pass the live value to the task as an argument, and use it there.");

    public override LivePort Connect(long id, LiveReceiver receive)
    {
        var port = new Port(this, id, receive);
        lock (port.Order) // later messages wait until the early ones are delivered
        {
            byte[][] early;
            lock (_gate)
            {
                _open[id] = port;
                early = [.. _early.Where(message => message.Port == id).Select(static message => message.Packed)];
                _early.RemoveAll(message => message.Port == id);
            }

            foreach (byte[] packed in early) port.Deliver(packed);
        }

        return port;
    }

    /// <summary>Passes a message to its port.</summary>
    public void Receive(long id, byte[] packed)
    {
        Port? port;
        lock (_gate)
        {
            if (_isClosed) return;
            if (!_open.TryGetValue(id, out port)) _early.Add((id, packed));
        }

        port?.Deliver(packed);
    }

    /// <summary>Closes all ports, because the task has completed.</summary>
    public void Close()
    {
        Port[] open;
        Action[] whenEnded;
        lock (_gate)
        {
            if (_isClosed) return;
            _isClosed = true;
            open = [.. _open.Values];
            whenEnded = [.. _whenEnded];
            _open.Clear();
            _early.Clear();
            _whenEnded.Clear();
        }

        foreach (var port in open) port.Dispose();
        foreach (var ended in whenEnded) ended();
    }

    private void Remove(Port port)
    {
        lock (_gate) _open.Remove(port.Id);
    }

    private sealed class Port(LinkedPorts owner, long id, LiveReceiver receive) : LivePort
    {
        public override long Id => id;

        /// <summary>Held while a message is delivered. It comes before the gate of the ports.</summary>
        public Lock Order { get; } = new();

        public void Deliver(byte[] packed)
        {
            lock (Order) receive(Shipping.Unpack<object?>(packed));
        }

        public override void Send(object? message) => owner.Send(id, message);

        protected override void Close() => owner.Remove(this);
    }

    private void Send(long id, object? message)
    {
        lock (_gate)
        {
            if (_isClosed) return;
        }

        link.Send(id, Shipping.Pack(message));
    }
}
