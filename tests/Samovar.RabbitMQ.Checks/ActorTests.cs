using System.Runtime.Versioning;
using Samovar.Tests.Contract;

namespace Samovar.RabbitMQ.Checks;

/// <summary>Actors on nodes, over a real broker.</summary>
[SupportedOSPlatform("linux")]
public sealed class ActorTests
{
    private readonly string _cluster = $"actors-{Guid.NewGuid():N}";

    [ProcessFact]
    public async Task An_actor_keeps_its_state_and_the_order_of_its_calls_and_leaves_nothing_behind()
    {
        string uri = SharedServer.Server.Uri;
        await using var node = new ClusterNode(new RabbitMQTransport(uri), new() { Cluster = _cluster, Name = "node", Workers = 1 });
        await node.StartAsync();
        await using var executor = new ClusterExecutor(new RabbitMQTransport(uri), new() { Cluster = _cluster });
        byte[] content = new byte[2_000_000];
        (await executor.Submit(() => content.Length)).ShouldBe(content.Length); // now the cluster has its index of blobs
        string[] before = await QueuesAsync();
        before.ShouldNotBeEmpty();
        var actor = await executor.CreateActorAsync(static () => new TestModel());
        var calls = Enumerable.Range(0, 200).Select(i => actor.CallAsync(model => model.Add(i))).ToList();
        var length = actor.CallAsync(_ => content.Length);

        (await Futures.WhenAll(calls)).ShouldBe(Enumerable.Range(1, 200));
        (await length).ShouldBe(content.Length);
        (await actor.CallAsync(static model => model.Seen())).ShouldBe(Enumerable.Range(0, 200));
        (await executor.Submit(static () => 1)).ShouldBe(1);
        await actor.DisposeAsync();

        while (!(await QueuesAsync()).SequenceEqual(before, StringComparer.Ordinal)) continue; // each look takes about half a second
    }

    [ProcessFact]
    public async Task An_actor_of_a_killed_node_is_created_again_on_another_one_and_runs_the_queued_calls()
    {
        string uri = SharedServer.Server.Uri;
        await using var executor = new ClusterExecutor(new RabbitMQTransport(uri), new() { Cluster = _cluster, NodeTimeout = TimeSpan.FromSeconds(10) });
        using ProcessGate started = new(), release = new();
        await using var child = ChildProcess.Start(RunningNode(uri, _cluster));
        await using var actor = await executor.CreateActorAsync(static () => new TestModel(), new() { Restart = ActorRestart.FromFactory(maxRestarts: 1) });
        (await actor.CallAsync(static model => model.Add(0))).ShouldBe(1);
        var running = actor.CallAsync(OpeningAndPassing(started, release));
        var queued = Enumerable.Range(1, 5).Select(i => actor.CallAsync(model => model.Add(i))).ToList();
        await started.PassAsync();

        child.Kill();
        await using var node = new ClusterNode(new RabbitMQTransport(uri), new() { Cluster = _cluster, Name = "second", Workers = 1 });
        await node.StartAsync();

        var error = await Should.ThrowAsync<ActorLostException>(async () => await running);
        error.InnerException.ShouldBeOfType<NodeLostException>().Node.ShouldBe("first");
        (await Futures.WhenAll(queued)).ShouldBe([1, 2, 3, 4, 5]);
        queued[0].Worker!.Name.ShouldContain("second");
        (actor.GetStatistics().Restarts, actor.GetStatistics().IsLost).ShouldBe((1, false));
    }

    /// <summary>The queues of the cluster, without blobs that are being deleted.</summary>
    private async Task<string[]> QueuesAsync() =>
    [
        .. (await SharedServer.Server.ControlAsync("list_queues", "--no-table-headers", "name")).Split('\n')
            .Where(queue => queue.StartsWith($"samovar.{_cluster}.", StringComparison.Ordinal) && !queue.StartsWith($"samovar.{_cluster}.blob.", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal),
    ];

    private static Func<Task> RunningNode(string uri, string cluster) => async () =>
    {
        await using var node = new ClusterNode(new RabbitMQTransport(uri), new() { Cluster = cluster, Name = "first", Workers = 1 });
        await node.RunAsync(CancellationToken.None);
    };

    private static Action<TestModel> OpeningAndPassing(ProcessGate started, ProcessGate release) => _ =>
    {
        started.Open();
        release.Pass();
    };
}
