using System.Buffers.Binary;
using Samovar.Serialization;

namespace Samovar.Cluster.Worker;

/// <summary>Carries the messages of a task's live values between its node and the worker. Each side has one end; thread-safe.</summary>
[ShipWith(typeof(ClusterLinkCodec))]
internal sealed class ClusterLink
{
    private readonly Action<long, byte[]>? _received; // node
    private LivePort? _port;

    /// <summary>Initializes the end of the node.</summary>
    /// <param name="received">Called with the port and the packed message that the worker has sent.</param>
    public ClusterLink(Action<long, byte[]> received) => _received = received;

    /// <summary>Initializes the end of the worker.</summary>
    public ClusterLink() => Connector = new LinkedPorts(this);

    /// <summary>Worker: connects the live values of the work.</summary>
    public LinkedPorts? Connector { get; }

    /// <summary>Sets the port that connects the ends. Called before the first message is sent.</summary>
    public void Attach(LivePort port) => Volatile.Write(ref _port, port); // SYNC: cluster link attached

    /// <summary>Sends a packed message to the other end.</summary>
    public void Send(long port, ReadOnlySpan<byte> packed)
    {
        byte[] message = new byte[sizeof(long) + packed.Length];
        BinaryPrimitives.WriteInt64LittleEndian(message, port);
        packed.CopyTo(message.AsSpan(sizeof(long)));
        Volatile.Read(ref _port)?.Send(message); // SYNC: cluster link attached
    }

    /// <summary>Called with a message of the other end.</summary>
    public void Receive(object? message)
    {
        if (message is not byte[] { Length: >= sizeof(long) } bytes) throw new ShippingFormatException("A message of a live value has no port.");
        long port = BinaryPrimitives.ReadInt64LittleEndian(bytes);
        if (Connector is { } connector) connector.Receive(port, bytes[sizeof(long)..]);
        else _received!(port, bytes[sizeof(long)..]);
    }

    /// <summary>Worker: closes the live values, because the task has completed.</summary>
    public void End() => Connector?.Close();
}
