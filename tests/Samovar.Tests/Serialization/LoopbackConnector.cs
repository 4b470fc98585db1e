using System.Collections.Concurrent;
using Samovar.Serialization;

namespace Samovar.Tests.Serialization;

/// <summary>Two connectors joined in memory; messages cross as bytes, as they would between processes.</summary>
public sealed class LoopbackConnector : LiveConnector
{
    private readonly ConcurrentDictionary<long, Port> _ports = new();
    private readonly ConcurrentDictionary<long, ConcurrentQueue<byte[]>> _early = new();
    private LoopbackConnector _peer = null!;
    private long _lastId;

    public int OpenPorts => _ports.Count;

    public static (LoopbackConnector Near, LoopbackConnector Far) CreatePair()
    {
        var near = new LoopbackConnector();
        var far = new LoopbackConnector { _peer = near };
        near._peer = far;
        return (near, far);
    }

    public override LivePort Open(LiveReceiver receive) => Add(Interlocked.Increment(ref _lastId), receive);

    public override LivePort Connect(long id, LiveReceiver receive) => Add(-id, receive);

    private Port Add(long key, LiveReceiver receive)
    {
        var port = _ports[key] = new Port(this, key, receive);
        if (_early.TryRemove(key, out var early))
        {
            foreach (byte[] message in early) port.Receive(message);
        }

        return port;
    }

    private void Deliver(long key, byte[] message)
    {
        if (_ports.TryGetValue(key, out var port)) port.Receive(message);
        else _early.GetOrAdd(key, _ => new ConcurrentQueue<byte[]>()).Enqueue(message);
    }

    private sealed class Port(LoopbackConnector owner, long key, LiveReceiver receive) : LivePort
    {
        public override long Id => Math.Abs(key);

        public override void Send(object? message) => owner._peer.Deliver(-key, Shipping.Pack(message));

        public void Receive(byte[] message) => receive(Shipping.Unpack<object?>(message));

        protected override void Close() => owner._ports.TryRemove(key, out _);
    }
}
