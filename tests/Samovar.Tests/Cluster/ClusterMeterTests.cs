using System.Runtime.Versioning;

namespace Samovar.Tests.Cluster;

/// <summary>What the members of a cluster measure.</summary>
[SupportedOSPlatform("linux")]
public sealed class ClusterMeterTests
{
    [ProcessFact]
    public async Task Messages_and_claims_are_counted_with_their_member()
    {
        using var recorder = new MeterRecorder();
        await using var cluster = new ClusterUnderTest(new() { MeterFactory = recorder });
        await cluster.StartNodeAsync("node", options: new() { MeterFactory = recorder });

        await cluster.Executor.Submit(static () => 1);

        await TestTimeout.UntilAsync(() => recorder.Of(SamovarTelemetry.ClusterPublishDuration).Count == 1); // the broker confirms while the task runs
        var published = recorder.Of(SamovarTelemetry.ClusterPublishDuration).Single();
        string.Join(' ', published.Attributes.Values).ShouldBe("default executor owner");
        var received = recorder.Of(SamovarTelemetry.ClusterMessageReceived).ShouldHaveSingleItem();
        $"{received.Value} {string.Join(' ', received.Attributes.Values)}".ShouldBe("1 default node node False");
        var claimed = recorder.Of(SamovarTelemetry.ClusterTaskClaims).ShouldHaveSingleItem();
        $"{claimed.Value} {string.Join(' ', claimed.Attributes.Values)}".ShouldBe("1 default executor owner start");
        recorder.Of(SamovarTelemetry.ClusterTaskDuplicates).ShouldBeEmpty();
        recorder.Of(SamovarTelemetry.ClusterMessageRefused).ShouldBeEmpty();
        recorder.Of(SamovarTelemetry.TaskDuration).Select(static measured => $"{measured[SamovarTelemetry.ExecutorTypeKey]} {measured[SamovarTelemetry.ExecutorNameKey]}")
            .ShouldBe(["process node", "cluster owner"], ignoreOrder: true); // the workers of the node have its meter
    }

    [ProcessFact]
    public async Task Connections_and_nodes_are_counted_by_their_state()
    {
        using var recorder = new MeterRecorder();
        await using var cluster = new ClusterUnderTest(new() { MeterFactory = recorder });
        var node = await cluster.StartNodeAsync("node", options: new() { MeterFactory = recorder });
        await cluster.Executor.Submit(static () => 1);

        States().ShouldBe(["executor owner connected 1", "node node connected 1"]);
        recorder.Observe(SamovarTelemetry.ClusterNodeCount, SamovarTelemetry.ClusterNodeStateKey)
            .ShouldBe(new Dictionary<string, double> { ["accepting"] = 1, ["draining"] = 0 }, ignoreOrder: true);

        cluster.Transport.Interrupt("node");
        States().ShouldBe(["executor owner connected 1", "node node interrupted 1"]);
        await TestTimeout.UntilAsync(() => recorder.Of(SamovarTelemetry.ClusterConnectionInterruptions).Count == 1);
        node.GetStatistics().Connection.Interruptions.ShouldBe(1);

        cluster.Transport.Restore("node");
        await node.StopAsync();
        States().ShouldBe(["executor owner connected 1"]);

        string[] States() =>
        [
            .. recorder.Observe(SamovarTelemetry.ClusterConnectionCount).Select(static measured =>
                $"{measured[SamovarTelemetry.ClusterRoleKey]} {measured[SamovarTelemetry.ClusterMemberKey]} {measured[SamovarTelemetry.ClusterConnectionStateKey]} {measured.Value}")
                .Order(StringComparer.Ordinal),
        ];
    }

    [ProcessFact]
    public async Task A_message_that_is_refused_is_counted_with_its_reason()
    {
        using var recorder = new MeterRecorder();
        var keys = new ClusterKeys("one", new byte[32]);
        await using var cluster = new ClusterUnderTest(new() { MeterFactory = recorder, Keys = keys });
        var node = await cluster.StartNodeAsync("node", options: new() { MeterFactory = recorder, Keys = keys.Accept("two", new byte[16]) });
        await cluster.Executor.ConnectAsync();
        var connection = cluster.Transport.Of("owner");

        await connection.PublishAsync(TaskPriority.Normal, "noise"u8.ToArray());
        await TestTimeout.UntilAsync(() => node.RefusedMessages == 1);
        await connection.SendAsync(connection.Address, "noise"u8.ToArray());
        await TestTimeout.UntilAsync(() => recorder.Of(SamovarTelemetry.ClusterMessageRefused).Count == 2);

        recorder.Of(SamovarTelemetry.ClusterMessageRefused).Select(static measured => $"{measured[SamovarTelemetry.ClusterRoleKey]} {measured[SamovarTelemetry.ReasonKey]}")
            .ShouldBe(["node not_a_message", "executor not_a_message"]);
        var statistics = node.GetStatistics();
        (statistics.RefusedMessages, statistics.ReceivedMessages).ShouldBe((1, 1));
    }

    [ProcessFact]
    public async Task A_node_that_is_lost_is_counted()
    {
        var time = new ManualTimeProvider();
        using var recorder = new MeterRecorder();
        await using var cluster = new ClusterUnderTest(new() { PresenceTime = time, MeterFactory = recorder });
        await cluster.StartNodeAsync("lost");
        await cluster.Executor.Submit(static () => 1);
        cluster.Transport.Interrupt("lost");

        await TestTimeout.UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return recorder.Of(SamovarTelemetry.ClusterNodeLosses).Count == 1;
        });

        recorder.Observe(SamovarTelemetry.ClusterNodeCount, SamovarTelemetry.ClusterNodeStateKey)["accepting"].ShouldBe(0);
    }

    [ProcessFact]
    public async Task Outcomes_that_arrive_twice_are_counted()
    {
        using var recorder = new MeterRecorder();
        await using var executor = ClusterExecutor.InMemory(
            options: new() { MeterFactory = recorder }, transport: new InMemoryTransport(new() { DuplicateRate = 1 }), nodeOptions: new() { WorkerOptions = new() { InProcess = true } });

        await executor.Submit(static () => 1);

        await TestTimeout.UntilAsync(() => recorder.Of(SamovarTelemetry.ClusterTaskDuplicates).Count > 0);
        recorder.Of(SamovarTelemetry.ClusterTaskDuplicates).ShouldAllBe(static measured => measured[SamovarTelemetry.ClusterRoleKey] == "executor");
    }

    [ProcessFact]
    public async Task A_listener_that_throws_costs_the_task_nothing()
    {
        using var recorder = new MeterRecorder { Measuring = static name => Throw(name) };
        await using var cluster = new ClusterUnderTest(new() { MeterFactory = recorder });
        await cluster.StartNodeAsync("node", options: new() { MeterFactory = recorder });

        (await cluster.Executor.Submit(static () => 1)).ShouldBe(1);

        await TestTimeout.UntilAsync(() => cluster.Executor.GetStatistics().UnobservedFailures > 0);
    }

    private static void Throw(string name)
    {
        if (name.StartsWith("samovar.cluster.", StringComparison.Ordinal)) throw new InvalidOperationException("the backend is full");
    }
}
