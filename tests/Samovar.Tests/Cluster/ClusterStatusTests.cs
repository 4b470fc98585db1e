using System.Collections.Concurrent;
using System.Runtime.Versioning;
using Microsoft.Extensions.Logging;

namespace Samovar.Tests.Cluster;

/// <summary>What members report about themselves: statistics, the state of the connection, the log.</summary>
[SupportedOSPlatform("linux")]
public sealed class ClusterStatusTests
{
    [ProcessFact]
    public async Task Members_log_the_changes_of_their_connections()
    {
        using var log = new LogRecorder();
        await using var cluster = new ClusterUnderTest(new() { LoggerFactory = log });
        await cluster.StartNodeAsync("node", options: new() { LoggerFactory = log });
        await cluster.Executor.ConnectAsync();

        foreach (string member in (string[])["owner", "node"])
        {
            cluster.Transport.Interrupt(member);
            cluster.Transport.Restore(member);
        }

        await TestTimeout.UntilAsync(() => log.Lines.Count == 6);
        log.Lines.Where(static line => line.Contains("'owner'", StringComparison.Ordinal)).ShouldBe(
        [
            "Information: Executor 'owner' is connected to the cluster 'default' through memory at memory.",
            "Warning: Executor 'owner': the connection to the cluster 'default' is Interrupted.",
            "Information: Executor 'owner': the connection to the cluster 'default' is Connected.",
        ]);
        log.Lines.Where(static line => line.Contains("Node 'node'", StringComparison.Ordinal)).Count().ShouldBe(3);
    }

    [ProcessFact]
    public async Task A_member_that_cannot_connect_reports_why_and_logs_it_once()
    {
        using var log = new LogRecorder();
        var transport = new RecordingTransport { Refusal = new ClusterConnectionException("no broker") };
        await using var executor = new ClusterExecutor(transport, new() { Name = "owner", LoggerFactory = log, ConnectTimeout = TimeSpan.Zero });
        await using var node = new ClusterNode(transport, new() { Name = "node", LoggerFactory = log });
        await Should.ThrowAsync<ClusterConnectionException>(() => node.StartAsync());
        await Should.ThrowAsync<ClusterConnectionException>(() => node.StartAsync());

        await TestTimeout.UntilAsync(() => log.Lines.Count == 2 && executor.GetConnectionStatus().Error is not null);

        log.Lines.Order(StringComparer.Ordinal).ShouldBe(
        [
            "Warning: Executor 'owner' cannot connect to the cluster 'default': no broker", "Warning: Node 'node' cannot connect to the cluster 'default': no broker",
        ]);
        executor.GetConnectionStatus().ShouldBe(new ClusterConnectionStatus { Error = "no broker" });
        node.GetStatistics().Connection.ShouldBe(new ClusterConnectionStatus { Error = "no broker" });

        transport.Refusal = null;
        await node.StartAsync();
        node.GetStatistics().Connection.ShouldBe(new ClusterConnectionStatus { State = ClusterConnectionState.Connected, Broker = transport.Of("node").Broker });
    }

    [ProcessFact]
    public async Task A_node_reports_what_it_runs_and_holds_and_the_depth_of_the_queues()
    {
        await using var cluster = new ClusterUnderTest();
        var node = await cluster.StartNodeAsync("node");
        Gate started = cluster.NewGate(), release = cluster.NewGate();
        List<Future> futures = [cluster.Executor.Submit(OpeningAndPassing((ProcessGate)started, (ProcessGate)release))];
        await started.PassAsync();
        futures.AddRange(Enumerable.Range(0, 3).Select(_ => cluster.Executor.Submit(static () => { }))); // the credit of one worker is two messages

        await TestTimeout.UntilAsync(() => node.GetStatistics().Held > 0);
        var statistics = node.GetStatistics();
        (statistics.Node, statistics.Cluster, statistics.Workers, statistics.Running, statistics.IsLeaving).ShouldBe(("node", "default", 1, 1, false));
        statistics.Connection.State.ShouldBe(ClusterConnectionState.Connected);
        statistics.WorkerStarts.ShouldBe(WorkerStartState.Closed);
        (await node.GetQueueDepthAsync()).Waiting.ShouldBe((await cluster.Transport.Of("owner").GetQueueDepthAsync()).Waiting);

        release.Open();
        await Futures.WhenAll(futures);
        await node.StopAsync();
        node.GetStatistics().IsLeaving.ShouldBeTrue();
    }

    [ThreadFact]
    public async Task The_depth_of_the_queues_needs_a_connection()
    {
        await using var node = new ClusterNode(new InMemoryTransport(), new() { Name = "node" });

        (await Should.ThrowAsync<InvalidOperationException>(() => node.GetQueueDepthAsync())).Message.ShouldBe("Node 'node' is not connected.");
    }

    private static Action OpeningAndPassing(ProcessGate started, ProcessGate release) => () =>
    {
        started.Open();
        release.Pass();
    };

    private sealed class LogRecorder : ILoggerFactory, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("It is its own provider.");

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue($"{logLevel}: {formatter(state, exception)}");

        public void Dispose()
        {
            // Nothing is held.
        }
    }
}
