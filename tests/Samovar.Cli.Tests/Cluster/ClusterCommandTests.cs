using System.Runtime.Versioning;
using System.Text.Json;
using Samovar.Cli.Cluster;

namespace Samovar.Cli.Tests.Cluster;

/// <summary><c>samovar cluster</c> with a transport in memory.</summary>
[SupportedOSPlatform("linux")]
public sealed class ClusterCommandTests : IAsyncDisposable
{
    private static readonly ClusterKeys s_keys = new("right", new byte[32]);

    private readonly WatchedTransport _transport = new();
    private readonly StringWriter _results = new();
    private readonly LogLines _log = new();
    private readonly List<ClusterNode> _nodes = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private ClusterOutput Output => new(_results, _log);

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes) await node.DisposeAsync();
        await _results.DisposeAsync();
        await _log.DisposeAsync();
    }

    [ProcessFact]
    public async Task The_status_names_the_nodes_and_counts_what_waits()
    {
        await StartNodeAsync("bob", workers: 2);
        await StartNodeAsync("ann");
        await using var executor = new ClusterExecutor(_transport, new() { Keys = s_keys });
        await executor.ConnectAsync(Cancellation);

        (await StatusJob.RunAsync(Target(s_keys), isJson: false, Output, Cancellation)).ShouldBe(ExitCode.Success);

        string[] lines = _results.ToString().Split(Environment.NewLine);
        lines[0].ShouldBe("cluster 'default' at memory: memory");
        lines[1].ShouldBe("queues   0 waiting (0 high, 0 normal, 0 low), 0 dead; a message has up to 256 tasks");
        lines[2].ShouldBe("owners   1 connected");
        lines[3].ShouldBe("nodes    2, 3 workers, 0 tasks running");
        lines.ShouldContain(static line => line.Contains("NODE") && line.Contains("BUILD"));
        lines.ShouldContain(static line => line.TrimStart().StartsWith("ann  ", StringComparison.Ordinal) && line.Contains("accepting", StringComparison.Ordinal));
        _log.Lines.ShouldBeEmpty();
    }

    [ProcessFact]
    public async Task The_status_as_json_has_the_same()
    {
        await StartNodeAsync("ann", workers: 2);

        await StatusJob.RunAsync(Target(s_keys), isJson: true, Output, Cancellation);

        var status = JsonElement.Parse(_results.ToString());
        status.GetProperty("cluster").GetString().ShouldBe("default");
        status.GetProperty("queues").GetProperty("dead").GetInt32().ShouldBe(0);
        var node = status.GetProperty("nodes").EnumerateArray().ShouldHaveSingleItem();
        node.GetProperty("name").GetString().ShouldBe("ann");
        node.GetProperty("state").GetString().ShouldBe("accepting");
        node.GetProperty("workers").GetInt32().ShouldBe(2);
    }

    [ProcessFact]
    public async Task With_a_wrong_key_the_status_says_so()
    {
        await StartNodeAsync("ann");

        (await StatusJob.RunAsync(Target(new ClusterKeys("wrong", new byte[32])), isJson: false, Output, Cancellation)).ShouldBe(ExitCode.NoAnswer);

        _results.ToString().ShouldContain("nodes    0,");
        _log.Lines.ShouldHaveSingleItem().ShouldContain("it is signed with the key 'right', which this member does not have. Compare the key with that of the nodes");
    }

    [ProcessFact]
    public async Task A_cluster_that_does_not_exist_is_an_error_and_is_not_created()
    {
        for (int i = 0; i < 2; i++)
        {
            var error = await Should.ThrowAsync<UsageException>(() => StatusJob.RunAsync(Target(s_keys), isJson: false, Output, Cancellation));
            error.ExitCode.ShouldBe(ExitCode.NoAnswer);
            error.Message.ShouldContain("There is no cluster 'default'");
        }
    }

    [ProcessFact]
    public async Task Drain_waits_until_the_node_has_left()
    {
        var node = await StartNodeAsync("ann");
        await StartNodeAsync("bob");

        (await new DrainJob(Target(s_keys), "ann", Output).RunAsync(waits: true, Cancellation)).ShouldBe(ExitCode.Success);

        node.Completion.IsCompletedSuccessfully.ShouldBeTrue();
        _nodes[1].Leaving.IsCancellationRequested.ShouldBeFalse();
        _log.Lines[0].ShouldBe("samovar: node 'ann' has the request to leave.");
        _log.Lines[^1].ShouldBe("samovar: node 'ann' has left the cluster.");
    }

    [ProcessFact]
    public async Task Drain_shows_what_still_runs_and_without_waiting_returns_at_once()
    {
        using ProcessGate started = new(), release = new();
        var node = await StartNodeAsync("ann");
        await using var executor = new ClusterExecutor(_transport, new() { Keys = s_keys });
        var task = executor.Submit(Holding(started, release));
        await started.PassAsync();

        (await new DrainJob(Target(s_keys), "ann", Output).RunAsync(waits: false, Cancellation)).ShouldBe(ExitCode.Success);
        _log.Lines.ShouldBe(["samovar: node 'ann' has the request to leave."]);
        var drain = new DrainJob(Target(s_keys), "ann", Output).RunAsync(waits: true, Cancellation);
        await _log.ContainsAsync("node 'ann' is draining: 1 task running.");
        drain.IsCompleted.ShouldBeFalse();
        release.Open();

        await task;
        (await drain).ShouldBe(ExitCode.Success);
        node.Completed.ShouldBe(1);
    }

    [ProcessFact]
    public async Task An_unknown_node_is_an_error_that_lists_the_known_ones()
    {
        await StartNodeAsync("ann");
        await StartNodeAsync("bob");

        var error = await Should.ThrowAsync<UsageException>(() => new DrainJob(Target(s_keys), "anm", Output).RunAsync(waits: true, Cancellation));

        (error.ExitCode, error.Message).ShouldBe((ExitCode.Usage, "cluster 'default' at memory has no node 'anm'. Did you mean 'ann'? Its nodes: ann, bob."));
    }

    private static Action Holding(ProcessGate started, ProcessGate release) => () =>
    {
        started.Open();
        release.Pass();
    };

    private async Task<ClusterNode> StartNodeAsync(string name, int workers = 1)
    {
        var node = new ClusterNode(_transport, new() { Name = name, Workers = workers, Keys = s_keys, WorkerOptions = new() { InProcess = true } });
        _nodes.Add(node);
        await node.StartAsync();
        return node;
    }

    private ClusterTarget Target(ClusterKeys keys) => new(_transport, "default", keys);
}
