using Samovar.Serialization;

namespace Samovar.Processes;

/// <summary>The live values of the task that runs, connected to where they came from.</summary>
internal sealed class WorkerPorts(WorkerLoop loop) : LiveConnector
{
    private readonly Lock _gate = new();
    private readonly Dictionary<long, Port> _open = [];
    private readonly List<Port> _ofTask = [];
    private readonly List<Action> _whenTaskEnds = [];
    private readonly List<EarlyMessage> _early = []; // for tasks that were put aside, in the order they came

    public bool HasOpen
    {
        get
        {
            lock (_gate) return _ofTask.Count > 0;
        }
    }

    internal override bool EndsWithTask => true;

    internal override void WhenTaskEnds(Action ended)
    {
        lock (_gate) _whenTaskEnds.Add(ended);
    }

    /// <summary>Values that a task returns stay behind: nobody would be here to serve them.</summary>
    public override LivePort Open(LiveReceiver receive) =>
        throw new NotSupportedException("A worker's results carry no live values; pass the live value in, and use it from here.");

    public override LivePort Connect(long id, LiveReceiver receive)
    {
        var port = new Port(this, id, receive);
        lock (_gate)
        {
            _open[id] = port;
            _ofTask.Add(port);
        }

        return port;
    }

    /// <summary>Connects to a port that stays open when the task is over; its owner closes it.</summary>
    public LivePort ConnectLasting(long id, LiveReceiver receive)
    {
        var port = new Port(this, id, receive);
        lock (_gate) _open[id] = port;
        return port;
    }

    /// <summary>Hands a message to its port. What came for a task that is over is dropped; what came for one that was put aside, whose
    /// ports are not there yet, waits for it.</summary>
    public void Receive(LiveHeader header, ReadOnlySpan<byte> body)
    {
        Port? port;
        lock (_gate)
        {
            if (!_open.TryGetValue(header.Port, out port) && loop.KeepsEarly) _early.Add(new EarlyMessage(header.Port, body.ToArray()));
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
            if (!loop.KeepsEarly) _early.Clear(); // of tasks that were taken back
        }

        foreach (var (port, body) in due) Deliver(port, body);
    }

    private void Deliver(Port port, ReadOnlySpan<byte> body)
    {
        try
        {
            port.Deliver(loop.Reader.Read<object?>(body));
        }
        catch (Exception error)
        {
            loop.Answers.WriteDetached(loop.CurrentTicket, error);
        }
    }

    /// <summary>The task is over.</summary>
    public void CloseAll()
    {
        Port[] open;
        Action[] whenTaskEnds;
        lock (_gate)
        {
            if (_ofTask.Count == 0 && _whenTaskEnds.Count == 0) return;
            open = [.. _ofTask];
            whenTaskEnds = [.. _whenTaskEnds];
            _ofTask.Clear();
            _whenTaskEnds.Clear();
        }

        foreach (var port in open) port.Dispose();
        foreach (var ended in whenTaskEnds) ended();
    }

    private sealed class Port(WorkerPorts owner, long id, LiveReceiver receive) : LivePort
    {
        private int _closed;

        public override long Id => id;

        public void Deliver(object? message) => receive(message);

        public override void Send(object? message)
        {
            if (Volatile.Read(ref _closed) == 0) owner.SendThrough(id, message);
        }

        protected override void Close()
        {
            Volatile.Write(ref _closed, 1);
            lock (owner._gate) owner._open.Remove(id);
        }
    }

    /// <summary>A message whose port is not there yet.</summary>
    private sealed record EarlyMessage(long Port, byte[] Body);

    private void SendThrough(long id, object? message) => loop.Answers.WriteLive(id, message);
}
