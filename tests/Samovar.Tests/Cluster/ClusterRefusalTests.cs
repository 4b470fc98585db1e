using System.Runtime.Versioning;
using Samovar.Cluster.Protocol;

namespace Samovar.Tests.Cluster;

/// <summary>Nodes that cannot run the tasks which they receive, next to nodes that can.</summary>
[SupportedOSPlatform("linux")]
public sealed class ClusterRefusalTests
{
    private static readonly ClusterNodeOptions s_unsuited = new() { MaxMessageAge = TimeSpan.FromTicks(1) }; // refuses all messages

    [ProcessFact]
    public async Task What_one_node_refuses_runs_on_another()
    {
        await using var cluster = new ClusterUnderTest();
        await cluster.StartNodeAsync("unsuited", workers: 4, options: s_unsuited);
        await cluster.StartNodeAsync("suited");

        var tasks = Enumerable.Range(0, 20).Select(i => cluster.Executor.Submit(() => i)).ToList();

        (await Futures.WhenAll(tasks)).ShouldBe(Enumerable.Range(0, 20));
        tasks.ShouldAllBe(static task => task.Attempt == 1 && task.Worker!.Name.Contains("suited", StringComparison.Ordinal));
        await cluster.UntilQueuesAreEmptyAsync("suited");
    }

    [ProcessFact]
    public async Task A_task_that_every_node_refuses_fails_with_the_reason_and_a_later_node_runs_others()
    {
        await using var cluster = new ClusterUnderTest();
        await cluster.StartNodeAsync("first", options: s_unsuited);
        await cluster.StartNodeAsync("second", options: s_unsuited);

        var error = await Should.ThrowAsync<NoMatchingNodeException>(async () => await cluster.Executor.Submit(static () => 1));

        error.Message.ShouldContain("older than its MaxMessageAge");
        await cluster.StartNodeAsync("suited");
        (await cluster.Executor.Submit(static () => 1)).ShouldBe(1);
    }

    [ProcessFact]
    public async Task The_pause_after_a_refusal_grows_and_a_task_waits_for_a_node_that_has_not_refused_it()
    {
        var time = new ManualTimeProvider();
        await using var cluster = new ClusterUnderTest(new() { PresenceTime = time });
        await using var unsuited = await ScriptedNode.ConnectAsync(cluster, "unsuited");
        await using var busy = await ScriptedNode.ConnectAsync(cluster, "busy");
        var future = cluster.Executor.Submit(static () => 1);
        await unsuited.ReceiveTasksAsync(1);
        await unsuited.BroadcastAsync(unsuited.Beacon(1, 0, 0));
        await busy.BroadcastAsync(busy.Beacon(1, 1, 0));
        await TestTimeout.UntilAsync(() => cluster.Executor.GetStatistics().Workers == 2);

        int received = 1;
        foreach (double pause in new[] { 50, 100, 200, 400, 800, 1600, 3200, 5000, 5000 })
        {
            await unsuited.ReportResultAsync(new ResultEntry(new TaskKey(future.Id, 1), ResultStatus.Refused, 0, 0, TimeSpan.Zero, "It cannot."u8.ToArray()));
            await time.WhenArmedAsync(TimeSpan.FromMilliseconds(pause));
            time.Advance(TimeSpan.FromMilliseconds(pause));
            await unsuited.ReceiveTasksAsync(++received); // published again
            await busy.BroadcastAsync(busy.Beacon(1, 1, 0)); // and neither is silent
            await unsuited.BroadcastAsync(unsuited.Beacon(1, 0, 0));
        }

        future.State.ShouldBe(FutureState.Queued);
        await busy.BroadcastAsync(busy.Beacon(1, 1, 0) with { State = NodeState.Gone });
        await TestTimeout.UntilAsync(() => cluster.Executor.GetStatistics().Workers == 1);
        await unsuited.ReportResultAsync(new ResultEntry(new TaskKey(future.Id, 1), ResultStatus.Refused, 0, 0, TimeSpan.Zero, "It cannot."u8.ToArray()));
        (await Should.ThrowAsync<NoMatchingNodeException>(async () => await future)).Message.ShouldBe("It cannot.");
    }
}
