using Samovar.Processes.Protocol;
using Samovar.Serialization;

namespace Samovar.Processes.Worker;

/// <summary>The worker's ends of live values: connects the open ports, and keeps messages for ports that do not exist yet.</summary>
/// <remarks>The gate guards ports, groups and early messages. Receivers, and callbacks for the end of a task, run outside of it. Early messages
/// belong to the thread that reads the ring; they are guarded too, because that thread changes.</remarks>
internal sealed class WorkerPorts
{
    private readonly WorkerLoop _loop;
    private readonly Lock _gate = new();
    private readonly Dictionary<long, Port> _open = [];
    private readonly List<EarlyMessage> _early = []; // for deferred tasks, in the order of arrival

    public WorkerPorts(WorkerLoop loop)
    {
        _loop = loop;
        OfTask = new Group(this);
    }

    /// <summary>The ports of the running task.</summary>
    public Group OfTask { get; }

    /// <summary>Creates a group for work that many tasks share, open until the work is forgotten.</summary>
    public Group ForSharedWork() => new(this);

    /// <summary>Passes a message to its port. A message for a task that has completed is dropped; a message for a deferred task, whose ports do not
    /// exist yet, is kept.</summary>
    public void Receive(LiveHeader header, ReadOnlySpan<byte> body)
    {
        Port? port;
        lock (_gate)
        {
            if (!_open.TryGetValue(header.Port, out port) && _loop.KeepsEarly) _early.Add(new EarlyMessage(header.Port, body.ToArray()));
        }

        if (port is not null) Deliver(port, body);
    }

    /// <summary>Delivers the early messages for the ports of a task that now exist.</summary>
    public void DeliverEarly()
    {
        List<(Port Port, byte[] Body)> due = [];
        lock (_gate)
        {
            if (_early.Count == 0) return;
            _early.RemoveAll(early =>
            {
                if (!_open.TryGetValue(early.Port, out var port)) return false;
                due.Add((port, early.Body));
                return true;
            });
            if (!_loop.KeepsEarly) _early.Clear(); // messages for tasks that were revoked
        }

        foreach (var (port, body) in due) Deliver(port, body);
    }

    private void Deliver(Port port, ReadOnlySpan<byte> body)
    {
        try
        {
            port.Deliver(_loop.Reader.Read<object?>(body));
        }
        catch (Exception error)
        {
            _loop.Results.WriteDetached(_loop.CurrentTicket, error);
        }
    }

    /// <summary>The ports of one piece of work: connected while its message is deserialized, closed together when the work has completed.</summary>
    internal sealed class Group(WorkerPorts owner) : LiveConnector
    {
        private readonly List<Port> _ports = [];
        private readonly List<Action> _whenOver = [];

        public bool HasOpen
        {
            get
            {
                lock (owner._gate) return _ports.Count > 0;
            }
        }

        internal override bool EndsWithTask => true;

        internal override void WhenTaskEnds(Action ended)
        {
            lock (owner._gate) _whenOver.Add(ended);
        }

        /// <summary>Always throws: live values in a task's result are not supported, because the worker would not serve them.</summary>
        public override LivePort Open(LiveReceiver receive) =>
            throw new NotSupportedException("The result of a task in a worker process cannot contain live values. Pass the live value to the task as an argument, and use it there.");

        public override LivePort Connect(long id, LiveReceiver receive)
        {
            var port = new Port(owner, id, receive);
            lock (owner._gate)
            {
                owner._open[id] = port;
                _ports.Add(port);
            }

            return port;
        }

        /// <summary>Closes the ports because the work has completed. More ports may be connected later.</summary>
        public void Close()
        {
            Port[] open;
            Action[] whenOver;
            lock (owner._gate)
            {
                if (_ports.Count == 0 && _whenOver.Count == 0) return;
                open = [.. _ports];
                whenOver = [.. _whenOver];
                _ports.Clear();
                _whenOver.Clear();
            }

            foreach (var port in open) port.Dispose();
            foreach (var over in whenOver) over();
        }
    }

    private sealed class Port(WorkerPorts owner, long id, LiveReceiver receive) : LivePort
    {
        private int _closed;

        public override long Id => id;

        public void Deliver(object? message) => receive(message);

        public override void Send(object? message)
        {
            if (Volatile.Read(ref _closed) == 0) owner._loop.Results.WriteLive(id, message);
        }

        protected override void Close()
        {
            Volatile.Write(ref _closed, 1);
            lock (owner._gate) owner._open.Remove(id);
        }
    }

    /// <summary>A message whose port does not exist yet.</summary>
    private sealed record EarlyMessage(long Port, byte[] Body);
}
