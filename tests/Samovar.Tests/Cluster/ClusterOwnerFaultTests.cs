using System.Runtime.Versioning;
using Samovar.Cluster.Protocol;
using Samovar.Tasks.Core;

namespace Samovar.Tests.Cluster;

/// <summary>Owners that exit, or are silent, and what nodes and owners forget.</summary>
[SupportedOSPlatform("linux")]
public sealed class ClusterOwnerFaultTests
{
    [ProcessFact]
    public async Task A_node_stops_the_tasks_of_an_owner_that_has_ended()
    {
        await using var cluster = new ClusterUnderTest();
        var time = new ManualTimeProvider();
        var node = await cluster.StartNodeAsync("node", options: new() { Time = time });
        var owner = new ClusterExecutor(cluster.Transport, new() { Name = "ending" });
        Gate started = cluster.NewGate(), never = cluster.NewGate(), tripped = cluster.NewGate();
        _ = owner.Submit(WaitingForToken((ProcessGate)started, (ProcessGate)never, (ProcessGate)tripped));
        await started.PassAsync();

        await cluster.Transport.Of("ending").DisposeAsync(); // as if the process had exited

        await TestTimeout.UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(5)); // it reports, finds no reply box, and receives nothing
            return tripped.IsOpen;
        });
        await TestTimeout.UntilAsync(() => node.Running == 0);
        (await cluster.Executor.Submit(static () => 1)).ShouldBe(1);
        await owner.ShutdownAsync(ShutdownMode.Kill, TimeSpan.Zero, CancellationToken.None).WaitAsync(TimeSpan.FromMilliseconds(1)).ContinueWith(static _ => { }, TaskScheduler.Default);
    }

    [ProcessFact]
    public async Task A_node_drops_the_tasks_of_an_owner_that_says_that_it_has_shut_down()
    {
        await using var cluster = new ClusterUnderTest();
        var node = await cluster.StartNodeAsync("node");
        var receiver = new RecordingReceiver();
        await using var owner = await cluster.Transport.ConnectAsync(new ClusterMember("default", "leaving") { KeepsReplies = true }, receiver);
        var id = Guid.NewGuid();
        var seal = new EnvelopeSeal(null, "default", id, ProgramBuild.Current, TimeProvider.System, TimeSpan.FromDays(1));
        var task = new TaskEntry(new TaskKey(7, 1), DelegateKind.Synchronous, ClusterTaskFlags.None);
        var message = new TasksMessage(id, ProgramBuild.Current.Value, owner.Address, default, [], [task]);
        await owner.PublishAsync(TaskPriority.Normal, seal.Seal(MessageKind.Tasks, message.Write().Written.Span));
        await receiver.RepliesAsync(1); // the claim

        await owner.BroadcastAsync(ClusterAudience.All, seal.Seal(MessageKind.Gone, []));

        await TestTimeout.UntilAsync(() => node.Running == 0);
        await cluster.UntilQueuesAreEmptyAsync("node");
    }

    [ProcessFact]
    public async Task A_task_that_its_node_does_not_report_any_more_is_lost_although_the_node_reports()
    {
        var time = new ManualTimeProvider();
        await using var cluster = new ClusterUnderTest(new() { PresenceTime = time });
        var receiver = new RecordingReceiver();
        await using var node = await cluster.Transport.ConnectAsync(new ClusterMember("default", "forgetful"), receiver);
        await node.SetCreditAsync(1);
        var future = cluster.Executor.Submit(static () => 1);
        await cluster.Executor.ConnectAsync();
        var seal = new EnvelopeSeal(null, "default", Guid.NewGuid(), ProgramBuild.Current, TimeProvider.System, TimeSpan.FromDays(1));
        var claim = new ClaimMessage(1, "forgetful", node.Address, [new TaskKey(future.Id, 1)]);
        await receiver.DeliveriesAsync(1);
        await node.SendAsync(cluster.Transport.Of("owner").Address, seal.Seal(MessageKind.Claim, claim.Write().Written.Span));
        await TestTimeout.UntilAsync(() => future.State == FutureState.Running);

        var beacon = new BeaconMessage("forgetful", node.Address, NodeState.Accepting, 1, 0, 0);
        byte[] report = seal.Seal(MessageKind.Beacon, beacon.Write().Written.Span);
        await TestTimeout.UntilAsync(() =>
        {
            _ = node.BroadcastAsync(ClusterAudience.All, report).AsTask();
            time.Advance(TimeSpan.FromSeconds(1));
            return future.IsCompleted;
        });

        (await Should.ThrowAsync<NodeLostException>(async () => await future)).Message.ShouldContain("did not report the task");
    }

    [ProcessFact]
    public async Task A_node_recovers_from_an_owner_that_never_answers_its_claim()
    {
        await using var cluster = new ClusterUnderTest();
        var time = new ManualTimeProvider();
        var node = await cluster.StartNodeAsync("node", options: new() { Time = time });
        var receiver = new RecordingReceiver();
        var owner = await cluster.Transport.ConnectAsync(new ClusterMember("default", "silent") { KeepsReplies = true }, receiver);
        var seal = new EnvelopeSeal(null, "default", Guid.NewGuid(), ProgramBuild.Current, TimeProvider.System, TimeSpan.FromDays(1));
        var task = new TaskEntry(new TaskKey(7, 1), DelegateKind.Synchronous, ClusterTaskFlags.None);
        var message = new TasksMessage(Guid.NewGuid(), ProgramBuild.Current.Value, owner.Address, default, [], [task]);
        await owner.PublishAsync(TaskPriority.Normal, seal.Seal(MessageKind.Tasks, message.Write().Written.Span));
        await receiver.RepliesAsync(1); // the claim
        node.Running.ShouldBe(1); // its only worker is reserved

        await owner.DisposeAsync();
        await TestTimeout.UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(5));
            return node.Running == 0;
        });

        (await cluster.Executor.Submit(static () => 1)).ShouldBe(1);
        await cluster.UntilQueuesAreEmptyAsync("node");
    }

    [ProcessFact]
    public async Task A_node_gives_the_tasks_of_a_silent_owner_back_and_runs_those_of_others()
    {
        await using var cluster = new ClusterUnderTest();
        var owner = new ClusterExecutor(cluster.Transport, new() { Name = "silent" });
        await using var end = TestSupport.KillAtEnd(owner);
        var future = owner.Submit(static () => 1);
        await owner.ConnectAsync();
        var connection = cluster.Transport.Of("silent");
        await QueueDepthAssert.BecomesAsync(connection, new ClusterQueueDepth(0, 1, 0, 0));
        cluster.Transport.Interrupt("silent"); // as if it was killed: its reply box stays
        await cluster.StartNodeAsync("node", options: new() { OwnerTimeout = TimeSpan.FromMilliseconds(100) });

        (await cluster.Executor.Submit(static () => 2)).ShouldBe(2); // after the first report of the node, which has one worker
        future.State.ShouldBe(FutureState.Queued);

        cluster.Transport.Restore("silent");
        (await future).ShouldBe(1);
    }

    private static Action<CancellationToken> WaitingForToken(ProcessGate started, ProcessGate never, ProcessGate tripped) => token =>
    {
        started.Open();
        try
        {
            never.Pass(token);
        }
        finally
        {
            tripped.Open();
        }
    };
}
