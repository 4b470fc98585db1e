using System.Runtime.Versioning;
using Samovar.Tests.Cluster;

namespace Samovar.RabbitMQ.Checks;

/// <summary>Nodes that are processes of their own, and die.</summary>
[SupportedOSPlatform("linux")]
public sealed class NodeDeathTests
{
    private readonly string _cluster = $"death-{Guid.NewGuid():N}";

    [ProcessFact]
    public async Task The_tasks_of_a_killed_node_fail_or_run_elsewhere_and_those_that_it_held_run_elsewhere()
    {
        string uri = SharedServer.Server.Uri;
        await using var executor = new ClusterExecutor(new RabbitMQTransport(uri), new() { Cluster = _cluster, NodeTimeout = TimeSpan.FromSeconds(10) });
        using ProcessGate plainStarted = new(), repeatedStarted = new(), release = new();
        await using var child = ChildProcess.Start(RunningNode(uri, _cluster));
        var plain = executor.Submit(OpeningAndPassing(plainStarted, release));
        var repeated = executor.Submit(AttemptAfter(repeatedStarted, release), new() { Retry = new() { MaxAttempts = 2, Delay = TimeSpan.Zero } });
        await plainStarted.PassAsync();
        await repeatedStarted.PassAsync();
        var held = Enumerable.Range(0, 50).Select(i => executor.Submit(() => i)).ToList();

        child.Kill();
        await using var node = new ClusterNode(new RabbitMQTransport(uri), new() { Cluster = _cluster, Name = "second", Workers = 2 });
        await node.StartAsync();

        (await Futures.WhenAll(held)).ShouldBe(Enumerable.Range(0, 50));
        (await repeated).ShouldBe(2);
        repeated.Worker!.Name.ShouldContain("second");
        plain.State.ShouldBe(FutureState.Running); // the node does not answer, which is no reason yet to give up what must not start twice
        (await Should.ThrowAsync<NodeLostException>(async () => await plain)).Node.ShouldBe("first");
        var statistics = executor.GetStatistics();
        (statistics.Succeeded, statistics.Failed, statistics.Retries).ShouldBe((51, 1, 1));
        await using var observer = await new RabbitMQTransport(uri).ConnectAsync(new ClusterMember(_cluster, "observer"), new RecordingReceiver());
        await QueueDepthAssert.BecomesAsync(observer, new ClusterQueueDepth(0, 0, 0, 0));
    }

    private static Func<Task> RunningNode(string uri, string cluster) => async () =>
    {
        await using var node = new ClusterNode(new RabbitMQTransport(uri), new() { Cluster = cluster, Name = "first", Workers = 2 });
        await node.RunAsync(CancellationToken.None);
    };

    private static Action OpeningAndPassing(ProcessGate started, ProcessGate release) => () =>
    {
        started.Open();
        release.Pass();
    };

    private static Func<int> AttemptAfter(ProcessGate started, ProcessGate release) => () =>
    {
        int attempt = TaskContext.Current!.Attempt;
        started.Open();
        if (attempt == 1) release.Pass();
        return attempt;
    };
}
