using System.Globalization;

namespace Samovar.Stress.Cluster.Simulation;

/// <summary>The broker of a simulation: task queues, reply boxes and the broadcast, as <see cref="ClusterTransport"/> promises them.</summary>
internal sealed class SimulatedBroker
{
    /// <summary>Members of one group receive a broadcast at the same time.</summary>
    private const int Groups = 4;

    private readonly Dictionary<string, SimulatedConnection> _boxes = new(StringComparer.Ordinal);
    private readonly List<SimulatedConnection>[] _members = [[], [], [], []];
    private int _lastConnection;

    public SimulatedBroker(VirtualTime time, SimulatedFaults faults)
    {
        Time = time;
        Faults = faults;
        Queues = [new(this, TaskPriority.Low), new(this, TaskPriority.Normal), new(this, TaskPriority.High)];
    }

    public VirtualTime Time { get; }

    public SimulatedFaults Faults { get; }

    public SimulatedQueue[] Queues { get; }

    public Dictionary<string, byte[]> Blobs { get; } = new(StringComparer.Ordinal);

    public long Published { get; set; }

    public long Deliveries { get; set; }

    public long Replies { get; set; }

    public long Broadcasts { get; set; }

    public long BroadcastDeliveries { get; set; }

    public long Dead { get; set; }

    public SimulatedConnection Connect(SimulatedHost host, ClusterMember member, ClusterReceiver receiver) =>
        new(this, host, member, receiver, string.Create(CultureInfo.InvariantCulture, $"box-{++_lastConnection}"));

    public SimulatedConnection? Find(string address) => _boxes.GetValueOrDefault(address);

    public void Add(SimulatedConnection connection)
    {
        _boxes[connection.Address] = connection;
        var group = _members[connection.Number % Groups];
        if (!group.Contains(connection)) group.Add(connection);
    }

    /// <summary>Removes a connection from the broadcast, and its reply box.</summary>
    public void Remove(SimulatedConnection connection, bool keepsBox)
    {
        _members[connection.Number % Groups].Remove(connection);
        if (!keepsBox) _boxes.Remove(connection.Address);
    }

    public void Broadcast(byte[] body)
    {
        Broadcasts++;
        foreach (var group in _members)
        {
            SimulatedConnection[] receivers = [.. group];
            BroadcastDeliveries += receivers.Length;
            Time.At(Time.Now + Faults.NextDelay(), null, () =>
            {
                foreach (var receiver in receivers) receiver.ReceiveBroadcast(body);
            });
        }
    }
}

/// <summary>Connects one process of a simulation.</summary>
internal sealed class SimulatedTransport(SimulatedBroker broker, SimulatedHost host) : ClusterTransport
{
    /// <summary>The latest connection; null before the first.</summary>
    public SimulatedConnection? Connection { get; private set; }

    public override string Endpoint => "simulation";

    public override bool IsLocal => true;

    public override Task<ClusterConnection> ConnectAsync(ClusterMember member, ClusterReceiver receiver, CancellationToken cancellationToken = default)
    {
        Connection = broker.Connect(host, member, receiver);
        return Connection.OpenAsync();
    }
}
