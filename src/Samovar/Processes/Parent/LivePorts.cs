using System.Diagnostics;
using Samovar.Processes.Protocol;
using Samovar.Serialization;

namespace Samovar.Processes.Parent;

/// <summary>The parent's ends of the live values in one piece of work.</summary>
/// <remarks>What is sent before the worker has the work waits, and goes with it; also when the work is sent again. Each message goes
/// once to each worker that gets the work, in the order in which it was sent.</remarks>
internal abstract class LivePorts : LiveConnector
{
    private readonly Lock _gate = new();
    private readonly List<Port> _ports = [];
    private readonly List<PackedRecord> _messages = [];
    private int _taken;
    private bool _isClosed;

    /// <summary>Whether the work holds live values at all.</summary>
    public bool IsUsed
    {
        get
        {
            lock (_gate) return _ports.Count > 0;
        }
    }

    public sealed override LivePort Open(LiveReceiver receive)
    {
        var port = new Port(this, NextId(), receive);
        lock (_gate) _ports.Add(port);
        return port;
    }

    /// <summary>Results carry no live values.</summary>
    public sealed override LivePort Connect(long id, LiveReceiver receive) =>
        throw new ShippingFormatException($"A worker's message carries a live value (port {id}), which it must not.");

    /// <summary>All messages so far, for a worker that gets the work now. Under the lock under which they are sent.</summary>
    public PackedRecord[] TakeAll()
    {
        lock (_gate)
        {
            _taken = _messages.Count;
            CheckInvariantsLocked();
            return [.. _messages];
        }
    }

    /// <summary>Those that nobody has taken, for the worker that has the work. Under that lock too.</summary>
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

    /// <summary>Those after the first <paramref name="had"/>, for a worker that has had those. Under that lock too.</summary>
    public PackedRecord[] TakeFrom(ref int had)
    {
        lock (_gate)
        {
            PackedRecord[] rest = [.. _messages.Skip(had)];
            had = _messages.Count;
            return rest;
        }
    }

    /// <summary>The work has ended.</summary>
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

    /// <summary>The call that hands a message of the worker's to its port; null where there is no such port.</summary>
    protected Action? DeliveryOf(long id, Func<object?> read)
    {
        Port? port;
        lock (_gate) port = _ports.Find(p => p.Id == id);
        return port is null ? null : () => port.Deliver(read);
    }

    protected abstract long NextId();

    /// <summary>Makes a message bytes.</summary>
    protected abstract PackedRecord Pack(long id, object? message);

    /// <summary>Has the messages that wait sent, if there is somebody who has the work.</summary>
    protected abstract void SendRest();

    /// <summary>A receiver threw: the submitter's error, not the work's.</summary>
    protected abstract void Report(Exception error);

    private void Send(long id, object? message)
    {
        var sent = Pack(id, message);
        lock (_gate)
        {
            if (_isClosed) return;
            _messages.Add(sent);
            CheckInvariantsLocked();
        }

        SendRest();
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_taken >= 0 && _taken <= _messages.Count, "what was taken was sent");
        Debug.Assert(!_isClosed || _messages.Count == 0, "nothing waits for work that has ended");
    }

    private sealed class Port(LivePorts owner, long id, LiveReceiver receive) : LivePort
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
                owner.Report(error);
            }
        }

        protected override void Close()
        {
            lock (owner._gate) owner._ports.Remove(this);
        }
    }
}
