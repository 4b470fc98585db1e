using System.Globalization;

namespace Samovar.Stress.Cluster.Simulation;

/// <summary>The nodes of a simulation, and what happens to them.</summary>
internal sealed class SimulatedNodes(VirtualTime time, SimulatedBroker broker, int seed)
{
    private readonly Random _random = new(seed);
    private readonly List<Member> _members = [];
    private readonly List<Task> _starts = []; // that of a node which is killed meanwhile never completes
    private readonly List<Task> _leaving = [];
    private int _lastNode;

    public int Killed { get; private set; }

    public int Stopped { get; private set; }

    public int Interrupted { get; private set; }

    public int Drained { get; private set; }

    /// <summary>How many tasks the nodes run, or have claimed.</summary>
    public int Running => _members.Sum(static member => member.Node.Running);

    public long Refused => _members.Sum(static member => member.Node.RefusedMessages);

    /// <summary>The errors of nodes that could not start.</summary>
    public IEnumerable<Exception> StartErrors => _starts.Where(static start => start.IsFaulted).Select(static start => start.Exception!.InnerException!);

    /// <summary>Starts a node.</summary>
    public void Start() => _starts.Add(StartAsync());

    /// <summary>Lets one fault happen to one node.</summary>
    public void Disturb()
    {
        if (_members.Count < 2) return;
        var member = _members[_random.Next(_members.Count)];
        if (member.Host.StoppedUntil > time.Now || member.Transport.Connection is not { State: ClusterConnectionState.Connected } connection) return;
        switch (_random.Next(10))
        {
            case < 3:
                Killed++;
                member.Host.IsDead = true;
                connection.Kill(noticed: Seconds(0, 20), boxExpires: TimeSpan.FromSeconds(20));
                Replace(member);
                break;
            case < 6:
                Interrupted++;
                Interrupt(connection);
                break;
            case < 8:
                Stopped++;
                Stop(member.Host, connection, Seconds(2, 45));
                break;
            default:
                Drained++;
                _leaving.Add(member.Node.StopAsync());
                Replace(member);
                break;
        }
    }

    /// <summary>Lets one fault happen to a process that is not a node.</summary>
    public void Disturb(SimulatedHost host, SimulatedConnection? connection)
    {
        if (host.StoppedUntil > time.Now || connection is not { State: ClusterConnectionState.Connected }) return;
        if (_random.Next(3) == 0) Stop(host, connection, Seconds(2, 45));
        else Interrupt(connection);
    }

    /// <summary>Lets all nodes leave.</summary>
    public Task StopAllAsync() => Task.WhenAll([.. _leaving, .. _members.Select(static member => member.Node.StopAsync())]);

    private void Interrupt(SimulatedConnection connection)
    {
        TimeSpan brokerNotices = Seconds(0, 15), memberNotices = Seconds(0, 15);
        connection.Interrupt(brokerNotices, memberNotices, (brokerNotices > memberNotices ? brokerNotices : memberNotices) + Seconds(0.1, 10));
    }

    private void Stop(SimulatedHost host, SimulatedConnection connection, TimeSpan length)
    {
        host.StoppedUntil = time.Now + length.Ticks;
        var silence = TimeSpan.FromSeconds(20); // of a connection, until the broker closes it
        if (length > silence) connection.Interrupt(silence, length, length + Seconds(0.1, 2));
    }

    private void Replace(Member member)
    {
        _members.Remove(member);
        time.At(time.Now + Seconds(0.5, 5).Ticks, null, Start);
    }

    private async Task StartAsync()
    {
        var host = new SimulatedHost(time, string.Create(CultureInfo.InvariantCulture, $"node-{++_lastNode}"));
        var transport = new SimulatedTransport(broker, host);
        var node = new ClusterNode(transport, new ClusterNodeOptions
        {
            Name = host.Name,
            Workers = 1 + _random.Next(4),
            Time = host,
            CreateWorkers = options => new SimulatedWorkers(options, time, host),
        });
        _members.Add(new Member(host, transport, node));
        await node.StartAsync().ConfigureAwait(false);
    }

    private TimeSpan Seconds(double least, double most) => TimeSpan.FromSeconds(least + ((most - least) * _random.NextDouble()));

    private sealed record Member(SimulatedHost Host, SimulatedTransport Transport, ClusterNode Node);
}
