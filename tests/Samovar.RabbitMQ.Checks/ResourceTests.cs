using System.Runtime.Versioning;

namespace Samovar.RabbitMQ.Checks;

/// <summary>Resources of nodes, over a real broker.</summary>
[SupportedOSPlatform("linux")]
public sealed class ResourceTests
{
    private static readonly TaskOptions s_one = new() { Requires = { ["gpu"] = 1 } };
    private static int s_inUse; // the workers are threads of this process
    private static int s_most;

    private readonly string _cluster = $"resources-{Guid.NewGuid():N}";

    [ProcessFact]
    public async Task Two_executors_share_what_a_node_has()
    {
        string uri = SharedServer.Server.Uri;
        await using var node = new ClusterNode(
            new RabbitMQTransport(uri), new() { Cluster = _cluster, Name = "node", Workers = 4, Resources = { ["gpu"] = 2 }, WorkerOptions = new() { InProcess = true } });
        await node.StartAsync();
        await using var first = new ClusterExecutor(new RabbitMQTransport(uri), new() { Cluster = _cluster });
        await using var second = new ClusterExecutor(new RabbitMQTransport(uri), new() { Cluster = _cluster });
        byte[] content = new byte[2_000_000]; // too long for a message
        var futures = Enumerable.Range(0, 200).Select(i => (i % 2 == 0 ? first : second).Submit(
            () =>
            {
                int inUse = Interlocked.Increment(ref s_inUse);
                InterlockedMax(ref s_most, inUse);
                Interlocked.Decrement(ref s_inUse);
                return i + TaskContext.Current!.Resources["gpu"].Indexes.Count;
            },
            s_one)).ToList();
        var large = first.Submit(() => content.Length, new() { Requires = { ["gpu"] = 2 } });

        (await Futures.WhenAll(futures)).ShouldBe(Enumerable.Range(1, 200));
        (await large).ShouldBe(content.Length);
        s_most.ShouldBeInRange(1, 2);
        (await first.Submit(static () => 1)).ShouldBe(1);
        await TestTimeout.UntilAsync(() => node.GetStatistics().Resources is [{ InUse: 0, Waiting: 0 }]);
    }

    [ProcessFact]
    public async Task Tasks_that_a_killed_node_has_not_started_run_on_another_one()
    {
        string uri = SharedServer.Server.Uri;
        await using var executor = new ClusterExecutor(new RabbitMQTransport(uri), new() { Cluster = _cluster, NodeTimeout = TimeSpan.FromSeconds(10) });
        using ProcessGate started = new(), release = new();
        await using var child = ChildProcess.Start(RunningNode(uri, _cluster));
        var running = executor.Submit(
            () =>
            {
                started.Open();
                release.Pass();
            },
            s_one);
        await started.PassAsync();
        var placed = executor.Submit(static () => 2, s_one); // the node has two GPUs and one worker
        var waiting = Enumerable.Range(3, 5).Select(i => executor.Submit(() => i, new() { Requires = { ["gpu"] = 2 } })).ToList();

        child.Kill();
        await using var node = new ClusterNode(new RabbitMQTransport(uri), new() { Cluster = _cluster, Name = "second", Workers = 1, Resources = { ["gpu"] = 2 } });
        await node.StartAsync();

        (await Should.ThrowAsync<NodeLostException>(async () => await running)).Node.ShouldBe("first");
        (await placed).ShouldBe(2);
        (await Futures.WhenAll(waiting)).ShouldBe([3, 4, 5, 6, 7]);
        placed.Worker!.Name.ShouldContain("second");
    }

    private static void InterlockedMax(ref int most, int value)
    {
        int seen = Volatile.Read(ref most);
        while (value > seen && Interlocked.CompareExchange(ref most, value, seen) is var current && current != seen) seen = current;
    }

    private static Func<Task> RunningNode(string uri, string cluster) => async () =>
    {
        await using var node = new ClusterNode(new RabbitMQTransport(uri), new() { Cluster = cluster, Name = "first", Workers = 1, Resources = { ["gpu"] = 2 } });
        await node.RunAsync(CancellationToken.None);
    };
}
