using System.Runtime.Versioning;
using Samovar.Ipc;

namespace Samovar.Tests.Cluster;

/// <summary>What a monitor finds out about a cluster, and what it can request.</summary>
[SupportedOSPlatform("linux")]
public sealed class ClusterMonitorTests
{
    private static readonly TimeSpan s_answer = TimeSpan.FromMilliseconds(100);
    private static readonly ClusterKeys s_keys = new("right", new byte[32]);

    [ProcessFact]
    public async Task The_status_has_the_nodes_the_owners_and_the_queues()
    {
        await using var cluster = new ClusterUnderTest();
        await cluster.StartNodeAsync("bob", workers: 2);
        await cluster.StartNodeAsync("ann");
        var release = cluster.NewGate();
        var started = cluster.NewGate();
        _ = cluster.Executor.Submit(OpeningAndPassing(started, release));
        await started.PassAsync();
        await using var monitor = await ClusterMonitor.ConnectAsync(cluster.Transport);

        var status = await UntilAsync(monitor, static status => status is { Nodes.Count: 2, Owners: 1 } && status.Nodes.Sum(static node => node.Running) == 1);

        status.Nodes.Select(static node => (node.Name, node.IsDraining, node.Workers, node.Held)).ShouldBe([("ann", false, 1, 0), ("bob", false, 2, 0)]);
        status.Nodes.Select(static node => node.Build).Distinct(StringComparer.Ordinal).ShouldHaveSingleItem().Length.ShouldBe(12);
        status.Queues.ShouldBe(new ClusterQueueDepth(0, 0, 0, 0));
        (status.RefusedMessages, status.RefusalReason).ShouldBe((0, null));
        monitor.Broker.Product.ShouldBe("memory");
    }

    [ProcessFact]
    public async Task A_node_that_has_left_is_not_in_the_status()
    {
        await using var cluster = new ClusterUnderTest();
        var node = await cluster.StartNodeAsync("ann");
        await cluster.StartNodeAsync("bob");
        await using var monitor = await ClusterMonitor.ConnectAsync(cluster.Transport);
        await UntilAsync(monitor, static status => status.Nodes.Count == 2);

        await node.StopAsync();

        (await UntilAsync(monitor, static status => status.Nodes.Count == 1)).Nodes[0].Name.ShouldBe("bob");
    }

    [ProcessFact]
    public async Task A_drained_node_completes_its_tasks_and_its_run_returns()
    {
        await using var cluster = new ClusterUnderTest();
        await using var node = new ClusterNode(cluster.Transport, new() { Name = "ann", Workers = 1, WorkerOptions = new() { InProcess = true }, DrainTimeout = Timeout.InfiniteTimeSpan });
        Task run = node.RunAsync(CancellationToken.None);
        var release = cluster.NewGate();
        var started = cluster.NewGate();
        var task = cluster.Executor.Submit(OpeningAndPassing(started, release));
        await started.PassAsync();
        await using var monitor = await ClusterMonitor.ConnectAsync(cluster.Transport);
        var status = (await UntilAsync(monitor, static status => status.Nodes.Count == 1)).Nodes[0];
        node.Leaving.IsCancellationRequested.ShouldBeFalse();

        (await monitor.DrainAsync(status)).ShouldBeTrue();

        (await UntilAsync(monitor, static status => status.Nodes is [{ IsDraining: true }])).Nodes[0].Running.ShouldBe(1);
        node.Leaving.IsCancellationRequested.ShouldBeTrue();
        node.Completion.IsCompleted.ShouldBeFalse();
        release.Open();
        await task;
        await run.WaitAsync(TestTimeout.Wait);
        node.Completion.IsCompletedSuccessfully.ShouldBeTrue();
        node.Completed.ShouldBe(1);
        (await monitor.DrainAsync(status)).ShouldBeFalse();
    }

    [ProcessFact]
    public async Task A_request_to_leave_counts_only_with_the_right_key_and_for_the_right_node()
    {
        await using var cluster = new ClusterUnderTest(new() { Keys = s_keys });
        var node = await cluster.StartNodeAsync("ann", options: new() { Keys = s_keys });
        await using var monitor = await ClusterMonitor.ConnectAsync(cluster.Transport, keys: s_keys);
        await using var stranger = await ClusterMonitor.ConnectAsync(cluster.Transport, keys: new ClusterKeys("right", "another secret of 32 characters."u8));
        var status = (await UntilAsync(monitor, static status => status.Nodes.Count == 1)).Nodes[0];
        long refused = node.RefusedMessages;

        (await stranger.DrainAsync(status)).ShouldBeTrue();
        (await monitor.DrainAsync(status with { Id = Guid.NewGuid() })).ShouldBeTrue();

        await TestTimeout.UntilAsync(() => node.RefusedMessages > refused);
        (await cluster.Executor.Submit(static () => 7)).ShouldBe(7); // its verdict came after the two requests
        node.Leaving.IsCancellationRequested.ShouldBeFalse();
    }

    [ProcessFact]
    public async Task Messages_with_another_key_are_counted_with_their_reason()
    {
        await using var cluster = new ClusterUnderTest(new() { Keys = s_keys });
        await cluster.StartNodeAsync("ann", options: new() { Keys = s_keys });
        await using var stranger = await ClusterMonitor.ConnectAsync(cluster.Transport, keys: new ClusterKeys("other", new byte[32]));
        await using var monitor = await ClusterMonitor.ConnectAsync(cluster.Transport, keys: s_keys);

        await UntilAsync(monitor, static status => status.Nodes.Count == 1); // the node has answered all members
        var status = await UntilAsync(stranger, static status => status.RefusedMessages > 0);

        status.Nodes.ShouldBeEmpty();
        status.RefusalReason.ShouldBe("it is signed with the key 'right', which this member does not have");
    }

    [ProcessFact]
    public async Task A_monitor_of_a_cluster_that_does_not_exist_is_refused() =>
        (await Should.ThrowAsync<ClusterConnectionException>(() => ClusterMonitor.ConnectAsync(new InMemoryTransport(), "nowhere"))).Message.ShouldContain("nowhere");

    [ProcessFact]
    public async Task The_content_of_a_dead_letter_is_read_only_with_the_right_key()
    {
        await using var cluster = new ClusterUnderTest(new() { Keys = s_keys });
        _ = cluster.Executor.Submit(static () => 1, new() { Name = "one" });
        await RefuseTasksAsync(cluster);
        await using var monitor = await ClusterMonitor.ConnectAsync(cluster.Transport, keys: s_keys);
        await using var stranger = await ClusterMonitor.ConnectAsync(cluster.Transport, keys: new ClusterKeys("right", "another secret of 32 characters."u8));

        (ClusterDeadLetter letter, ClusterMessageContent content) = (await ReadAsync(monitor)).ShouldHaveSingleItem();
        letter.Reason.ShouldBe("refused: UnknownKey");
        letter.Member.ShouldBe("wrong");
        content.Problem.ShouldBeNull();
        content.Tasks.ShouldHaveSingleItem().ShouldSatisfyAllConditions(static task => task.Name.ShouldBe("one"), static task => task.Attempt.ShouldBe(1));
        content.Build.ShouldNotBeNull();
        (_, ClusterMessageContent unread) = (await ReadAsync(stranger)).ShouldHaveSingleItem();
        unread.Problem.ShouldNotBeNull().ShouldContain("signature with the key 'right' does not fit");
        (unread.Tasks.Count, unread.Build, unread.Owner).ShouldBe((0, null, null));
    }

    [ProcessFact]
    public async Task A_dead_letter_that_is_retried_twice_starts_its_task_once()
    {
        await using var cluster = new ClusterUnderTest(new() { Keys = s_keys });
        using var calls = new SharedArray<long>(1);
        var task = cluster.Executor.Submit(Counting(calls));
        await RefuseTasksAsync(cluster);
        await using var monitor = await ClusterMonitor.ConnectAsync(cluster.Transport, keys: s_keys);
        var (letter, _) = (await ReadAsync(monitor)).ShouldHaveSingleItem();

        (await monitor.ReviewDeadLettersAsync(static (_, _) => DeadLetterAction.Retry)).ShouldBe(1);
        await cluster.Transport.Of("owner").PublishAsync(letter.Priority, letter.Body); // as if it had been retried while it was still a dead letter
        var node = await cluster.StartNodeAsync("good", options: new() { Keys = s_keys });
        await task;
        await node.StopAsync(); // returns what it holds, so the empty queues prove that both copies were settled

        await QueueDepthAssert.BecomesAsync(cluster.Transport.Of("owner"), new ClusterQueueDepth(0, 0, 0, 0));
        calls[0].ShouldBe(1);
        cluster.Executor.GetStatistics().Succeeded.ShouldBe(1);
    }

    private static Action OpeningAndPassing(ProcessGate started, ProcessGate release) => () =>
    {
        started.Open();
        release.Pass();
    };

    private static Action Counting(SharedArray<long> calls) => () => calls.Add(0, 1);

    /// <summary>Lets a node with another key take what is queued, which becomes dead letters.</summary>
    private static async Task RefuseTasksAsync(ClusterUnderTest cluster)
    {
        var wrong = await cluster.StartNodeAsync("wrong", options: new() { Keys = new ClusterKeys("other", new byte[32]) });
        await QueueDepthAssert.BecomesAsync(cluster.Transport.Of("wrong"), new ClusterQueueDepth(0, 0, 0, 1));
        await wrong.StopAsync();
    }

    private static async Task<ClusterStatus> UntilAsync(ClusterMonitor monitor, Func<ClusterStatus, bool> condition)
    {
        long began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var status = await monitor.GetStatusAsync(s_answer);
            if (condition(status)) return status;
            if (TimeProvider.System.GetElapsedTime(began) > TestTimeout.Wait) throw new TimeoutException($"The last status was {status}: {string.Join(", ", status.Nodes)}");
        }
    }

    private static async Task<List<(ClusterDeadLetter Letter, ClusterMessageContent Content)>> ReadAsync(ClusterMonitor monitor)
    {
        List<(ClusterDeadLetter, ClusterMessageContent)> read = [];
        await monitor.ReviewDeadLettersAsync((letter, content) =>
        {
            read.Add((letter, content));
            return DeadLetterAction.Keep;
        });
        return read;
    }
}
