using System.Diagnostics;
using Samovar.Processes.Protocol;
using Samovar.Serialization;
using Samovar.Serialization.Live;

namespace Samovar.Processes.Parent;

/// <summary>The parent's ends of the live values in one piece of work: a task, work that many tasks share, or the function of a child.</summary>
/// <remarks>
/// <list type="number">
/// <item>A message is kept here until a worker gets the work, and is sent to that worker with it, also when the work is sent again. Each worker
/// that gets the work gets each message once, in the order in which the messages were sent.</item>
/// <item>Messages are taken (<see cref="TakeAll"/>, <see cref="TakeRest"/>, <see cref="TakeFrom"/>) under the lock under which they are written
/// into the worker's ring, which preserves their order. That lock comes before the gate of this class.</item>
/// <item>The gate guards the fields that are marked so. Receivers and the callbacks passed to <see cref="Attach"/> run outside of it.</item>
/// <item>Work without live values costs no allocation: each thread keeps one unused instance (<see cref="Rent"/>).</item>
/// </list>
/// </remarks>
internal sealed class LivePorts : LiveConnector
{
    [ThreadStatic]
    private static LivePorts? t_spare;

    private static long s_lastId; // Interlocked

    private readonly Lock _gate = new();
    private readonly List<Port> _ports = []; // gate
    private readonly List<PackedRecord> _messages = []; // gate: every message that was sent
    private ShippingWriter _writer; // set before the first port opens
    private bool _takesCalls; // as the writer
    private Action? _sendRest; // null until the ports are attached
    private Action<Exception>? _report;
    private int _taken; // gate: how many messages were sent to the worker that has the work
    private bool _hasOpened; // gate; the thread that serializes the work reads it without the gate
    private bool _isClosed; // gate

    /// <param name="writer">Turns messages into bytes.</param>
    /// <param name="takesCalls">Whether an answer can be sent to the worker that has sent a message.</param>
    public LivePorts(ShippingWriter writer, bool takesCalls)
    {
        _writer = writer;
        _takesCalls = takesCalls;
    }

    /// <summary>Whether the work has live values.</summary>
    public bool IsUsed
    {
        get
        {
            lock (_gate) return _ports.Count > 0;
        }
    }

    /// <summary>Returns this thread's unused instance, or a new one, for work that may have live values.</summary>
    public static LivePorts Rent(ShippingWriter writer, bool takesCalls)
    {
        if (t_spare is not { } spare) return new LivePorts(writer, takesCalls);
        t_spare = null; // serializing the work may run user code that submits other work
        spare._writer = writer;
        spare._takesCalls = takesCalls;
        return spare;
    }

    /// <summary>Ends the serialization that began with <see cref="Rent"/>, on the same thread. If no port was opened, keeps this instance for the
    /// thread's next work and returns null; otherwise, returns this instance.</summary>
    public LivePorts? ReturnUnused()
    {
        if (_hasOpened) return this;
        t_spare = this;
        return null;
    }

    /// <summary>Attaches the ports to their work before a worker gets it; until then, messages are only collected. Called once.</summary>
    /// <param name="sendRest">Sends the pending messages to the workers that have the work; does nothing while no worker has it. Called on any
    /// thread, after each message.</param>
    /// <param name="report">Reports the exception of a receiver, which is an error in the code of the submitter and not in the work.</param>
    public void Attach(Action sendRest, Action<Exception> report)
    {
        Debug.Assert(_sendRest is null, "ports are attached only once");
        Volatile.Write(ref _report, report); // SYNC: ports attached
        Volatile.Write(ref _sendRest, sendRest); // SYNC: ports attached
    }

    public override LivePort Open(LiveReceiver receive)
    {
        var port = new Port(this, Interlocked.Increment(ref s_lastId), receive);
        lock (_gate)
        {
            _hasOpened = true;
            _ports.Add(port);
        }

        return port;
    }

    internal override LivePort OpenForCalls(LiveCallReceiver receive)
    {
        if (!_takesCalls) return base.OpenForCalls(receive);
        var port = (Port)Open(static _ => { });
        port.Calls = receive;
        return port;
    }

    /// <summary>Always throws: results must not contain live values.</summary>
    public override LivePort Connect(long id, LiveReceiver receive) =>
        throw new ShippingFormatException($"A worker's message carries a live value (port {id}), which is not allowed.");

    /// <summary>Returns all messages so far, for a worker that gets the work now.</summary>
    public PackedRecord[] TakeAll()
    {
        lock (_gate)
        {
            _taken = _messages.Count;
            CheckInvariantsLocked();
            return [.. _messages];
        }
    }

    /// <summary>Returns the messages that were not taken yet, for the worker that has the work.</summary>
    public PackedRecord[] TakeRest()
    {
        lock (_gate)
        {
            PackedRecord[] rest = [.. _messages.Skip(_taken)];
            _taken = _messages.Count;
            CheckInvariantsLocked();
            return rest;
        }
    }

    /// <summary>Returns the messages after the first <paramref name="had"/>, for one of several workers that have the work.</summary>
    /// <param name="had">How many messages the worker has; updated.</param>
    public PackedRecord[] TakeFrom(ref int had)
    {
        lock (_gate)
        {
            PackedRecord[] rest = [.. _messages.Skip(had)];
            had = _messages.Count;
            return rest;
        }
    }

    /// <summary>Returns the call that passes a worker's message to the receiver of its port; null if the port does not exist.</summary>
    /// <param name="id">The port.</param>
    /// <param name="read">Reads the message, within the call. Its exceptions are treated like those of the receiver.</param>
    /// <param name="reply">Sends an answer to that worker; null if no port takes calls.</param>
    public Action? DeliveryOf(long id, Func<object?> read, Action<PackedRecord>? reply = null)
    {
        Port? port;
        lock (_gate) port = _ports.Find(p => p.Id == id);
        return port is null ? null : () => port.Deliver(read, reply);
    }

    /// <summary>Closes all ports because the work has completed. Further messages are dropped.</summary>
    public void Close()
    {
        Port[] open;
        lock (_gate)
        {
            _isClosed = true;
            open = [.. _ports];
            _ports.Clear();
            _messages.Clear();
            _taken = 0;
            CheckInvariantsLocked();
        }

        foreach (var port in open) port.Dispose();
    }

    private void Send(long id, object? message)
    {
        var packed = PackedRecord.OfLive(_writer, id, message);
        lock (_gate)
        {
            if (_isClosed) return;
            _messages.Add(packed);
            CheckInvariantsLocked();
        }

        // If the ports are not attached, no worker has the work yet. The first worker that gets the work gets this message too: its messages are
        // taken after Attach and under the gate. If they had been taken before this message was added, the call of Attach would be visible here.
        Volatile.Read(ref _sendRest)?.Invoke(); // SYNC: ports attached
    }

    private void Report(Exception error) => Volatile.Read(ref _report)?.Invoke(error); // SYNC: ports attached

    private void Remove(Port port)
    {
        lock (_gate) _ports.Remove(port);
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_taken >= 0 && _taken <= _messages.Count, "only messages that were sent are taken");
        Debug.Assert(!_isClosed || _messages.Count == 0, "completed work has no pending messages");
        Debug.Assert(_hasOpened || (_ports.Count == 0 && _messages.Count == 0), "an instance without an open port has no ports and no messages");
    }

    private sealed class Port(LivePorts owner, long id, LiveReceiver receive) : LivePort
    {
        public override long Id => id;

        /// <summary>Receives messages that are answered; null for other values.</summary>
        public LiveCallReceiver? Calls { get; set; }

        public override void Send(object? message) => owner.Send(id, message);

        public void Deliver(Func<object?> read, Action<PackedRecord>? reply)
        {
            try
            {
                if (Calls is { } calls) calls(read(), answer => reply!(PackedRecord.OfLive(owner._writer, id, answer)));
                else receive(read());
            }
            catch (Exception error)
            {
                owner.Report(error);
            }
        }

        protected override void Close() => owner.Remove(this);
    }
}
