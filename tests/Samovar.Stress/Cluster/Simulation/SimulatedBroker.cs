using System.Globalization;
using Samovar.Cluster.Protocol;

namespace Samovar.Stress.Cluster.Simulation;

/// <summary>The broker of a simulation: task queues, reply boxes and the broadcast, as <see cref="ClusterTransport"/> promises them.</summary>
internal sealed class SimulatedBroker
{
    /// <summary>Members of one group receive a broadcast at the same time.</summary>
    private const int Groups = 4;

    private readonly Dictionary<string, SimulatedConnection> _boxes = new(StringComparer.Ordinal);
    private readonly List<SimulatedConnection>[] _members = [.. Enumerable.Range(0, Groups * ((int)ClusterAudience.All + 1)).Select(static _ => new List<SimulatedConnection>())]; // by audience and group
    private readonly long[] _replies = new long[byte.MaxValue + 1]; // by kind
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

    public long Replies => _replies.Sum();

    public long Broadcasts { get; set; }

    public long BroadcastDeliveries { get; set; }

    public long Dead { get; set; }

    /// <summary>Returns how many messages of a kind were sent to reply boxes.</summary>
    public long RepliesOf(MessageKind kind) => _replies[(byte)kind];

    public void CountReply(byte[] message) => _replies[message[4]]++; // as the envelope has it

    public SimulatedConnection Connect(SimulatedHost host, ClusterMember member, ClusterReceiver receiver) =>
        new(this, host, member, receiver, string.Create(CultureInfo.InvariantCulture, $"box-{++_lastConnection}"));

    public SimulatedConnection? Find(string address) => _boxes.GetValueOrDefault(address);

    public void Add(SimulatedConnection connection)
    {
        _boxes[connection.Address] = connection;
        var group = GroupOf(connection);
        if (!group.Contains(connection)) group.Add(connection);
    }

    /// <summary>Removes a connection from the broadcast, and its reply box.</summary>
    public void Remove(SimulatedConnection connection, bool keepsBox)
    {
        GroupOf(connection).Remove(connection);
        if (!keepsBox) _boxes.Remove(connection.Address);
    }

    public void Broadcast(ClusterAudience audience, byte[] body)
    {
        Broadcasts++;
        for (int i = 0; i < _members.Length; i++)
        {
            if (((ClusterAudience)(i / Groups) & audience) == ClusterAudience.None || _members[i].Count == 0) continue;
            SimulatedConnection[] receivers = [.. _members[i]];
            BroadcastDeliveries += receivers.Length;
            Time.At(Time.Now + Faults.NextDelay(), null, () =>
            {
                foreach (var receiver in receivers) receiver.ReceiveBroadcast(body);
            });
        }
    }

    private List<SimulatedConnection> GroupOf(SimulatedConnection connection) => _members[((int)connection.Audience * Groups) + (connection.Number % Groups)];
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
