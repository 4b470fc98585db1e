using Samovar.Processes.Protocol;
using Samovar.Serialization;

namespace Samovar.Processes.Worker;

/// <summary>The worker's ends of live values, connected to where they came from: which are open, and what has come early for some.</summary>
/// <remarks>The gate guards ports and groups. Receivers, and what waits for the end of a task, run outside of it. What came early belongs to the
/// thread that reads the ring, and is guarded too, since that thread changes.</remarks>
internal sealed class WorkerPorts
{
    private readonly WorkerLoop _loop;
    private readonly Lock _gate = new();
    private readonly Dictionary<long, Port> _open = [];
    private readonly List<EarlyMessage> _early = []; // for deferred tasks, in the order they came

    public WorkerPorts(WorkerLoop loop)
    {
        _loop = loop;
        OfTask = new Group(this);
    }

    /// <summary>Those of the task that runs.</summary>
    public Group OfTask { get; }

    /// <summary>A group for work that many tasks share, open until the work is forgotten.</summary>
    public Group ForSharedWork() => new(this);

    /// <summary>Hands a message to its port. What came for a task that is over is dropped; what came for one that is deferred, whose
    /// ports are not there yet, waits for it.</summary>
    public void Receive(LiveHeader header, ReadOnlySpan<byte> body)
    {
        Port? port;
        lock (_gate)
        {
            if (!_open.TryGetValue(header.Port, out port) && _loop.KeepsEarly) _early.Add(new EarlyMessage(header.Port, body.ToArray()));
        }

        if (port is not null) Deliver(port, body);
    }

    /// <summary>The ports of a task are there: what came early for them is delivered.</summary>
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
            if (!_loop.KeepsEarly) _early.Clear(); // of tasks that were taken back
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

    /// <summary>The ports of one piece of work: connected while its message is read, closed together when it is over.</summary>
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

        /// <summary>Values that a task returns stay behind: nobody would be here to serve them.</summary>
        public override LivePort Open(LiveReceiver receive) =>
            throw new NotSupportedException("A worker's results carry no live values; pass the live value in, and use it from here.");

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

        /// <summary>The work is over. More may be connected later.</summary>
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

    /// <summary>A message whose port is not there yet.</summary>
    private sealed record EarlyMessage(long Port, byte[] Body);
}
