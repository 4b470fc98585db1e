using Samovar.Cluster.Owner;
using Samovar.Cluster.Protocol;

namespace Samovar.Tests.Cluster;

/// <summary>Which nodes give tasks to which others.</summary>
public sealed class NodeLoadsTests
{
    private readonly NodeLoads _loads = new();
    private long _last;

    [ThreadFact]
    public void A_node_that_becomes_idle_gets_work_from_the_node_that_holds_most()
    {
        Report(workers: 2, held: 10);
        var most = Report(workers: 2, held: 30);

        var idle = NewNode();
        var (giver, taken) = Match(idle, workers: 2, held: 0);

        giver.ShouldBe(most);
        taken.ShouldBe([(idle.Id, 2)]);
        most.Held.ShouldBe(15); // it has half of the workers
        idle.Idle.ShouldBe(0);
    }

    [ThreadFact]
    public void A_node_that_holds_tasks_gives_them_to_all_idle_nodes_once()
    {
        ClusterNodeInfo first = Report(workers: 3, held: 0), second = Report(workers: 1, held: 0);
        Report(workers: 1, held: 0, running: 1); // busy
        var holder = NewNode();

        var (giver, taken) = Match(holder, workers: 1, held: 10);

        giver.ShouldBe(holder);
        taken.ShouldBe([(first.Id, 3), (second.Id, 1)]);
        Match(holder, workers: 1, held: 2).Giver.ShouldBeNull();
        Match(first, workers: 3, held: 0).Giver.ShouldBe(holder);
    }

    [ThreadFact]
    public void No_more_nodes_get_work_than_there_are_tasks()
    {
        for (int i = 0; i < 5; i++) Report(workers: 1, held: 0);
        var holder = NewNode();

        Match(holder, workers: 1, held: 2).Idle.Count.ShouldBe(2);
        Match(holder, workers: 1, held: 9).Idle.Count.ShouldBe(3);
    }

    [ThreadFact]
    public void Nodes_of_another_build_and_nodes_that_leave_take_no_part()
    {
        byte[] hash = new byte[BuildId.Size];
        hash[0] = 1;
        var other = Report(workers: 1, held: 5);
        other.Build = BuildId.Read(hash);
        var leaving = Report(workers: 1, held: 5);
        _loads.Note(leaving, new BeaconMessage("node", "address", NodeState.Draining, 1, 0, 5));
        var removed = Report(workers: 1, held: 5);
        _loads.Remove(removed);

        Match(NewNode(), workers: 1, held: 0).Giver.ShouldBeNull();
    }

    private ClusterNodeInfo NewNode() => new(Guid.NewGuid(), "node", "address", ++_last);

    private ClusterNodeInfo Report(int workers, int held, int running = 0)
    {
        var node = NewNode();
        node.Workers = workers;
        _loads.Note(node, new BeaconMessage("node", "address", NodeState.Accepting, workers, running, held));
        return node;
    }

    private (ClusterNodeInfo? Giver, List<(Guid Node, int Workers)> Idle) Match(ClusterNodeInfo node, int workers, int held)
    {
        node.Workers = workers;
        _loads.Note(node, new BeaconMessage("node", "address", NodeState.Accepting, workers, 0, held));
        return (_loads.Match(node, out var idle), idle);
    }
}
