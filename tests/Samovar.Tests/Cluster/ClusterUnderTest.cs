using System.Runtime.Versioning;
using Samovar.Diagnostics.Inspection;

namespace Samovar.Tests.Cluster;

/// <summary>An executor and nodes in one process, whose workers are threads unless the test says otherwise.</summary>
[SupportedOSPlatform("linux")]
internal sealed class ClusterUnderTest : IAsyncDisposable
{
    private readonly List<ClusterNode> _nodes = [];
    private readonly List<ProcessGate> _gates = [];

    public ClusterUnderTest(ClusterExecutorOptions? options = null, RecordingTransport? transport = null)
    {
        Transport = transport ?? new();
        Executor = new ClusterExecutor(Transport, (options ?? new()) with { Name = "owner" });
    }

    public RecordingTransport Transport { get; }

    public ClusterExecutor Executor { get; }

    /// <summary>A gate for work in any worker.</summary>
    public ProcessGate NewGate()
    {
        var gate = new ProcessGate();
        _gates.Add(gate);
        return gate;
    }

    public async Task<ClusterNode> StartNodeAsync(string name, int workers = 1, bool inProcess = true, ClusterNodeOptions? options = null)
    {
        var node = new ClusterNode(Transport, (options ?? new()) with
        {
            Name = name,
            Workers = workers,
            WorkerOptions = new ProcessExecutorOptions { InProcess = inProcess },
            DrainTimeout = TimeSpan.Zero,
        });
        _nodes.Add(node);
        await node.StartAsync();
        return node;
    }

    /// <summary>Waits until all messages of the task queues are acknowledged.</summary>
    public Task UntilQueuesAreEmptyAsync(string member) => QueueDepthAssert.BecomesAsync(Transport.Of(member), new ClusterQueueDepth(0, 0, 0, 0));

    public async ValueTask DisposeAsync()
    {
        foreach (var gate in _gates) gate.Open();
        await InTimeAsync(Executor.ShutdownAsync(ShutdownMode.Kill, TimeSpan.Zero), "the executor");
        foreach (var node in _nodes) await InTimeAsync(node.DisposeAsync().AsTask(), $"node '{node.Name}'");
        foreach (var gate in _gates) gate.Dispose();
    }

    private async Task InTimeAsync(Task end, string what)
    {
        try
        {
            await end.WaitAsync(TestTimeout.Wait);
        }
        catch (TimeoutException)
        {
            var trees = ExecutorRegistry.Show(new SnapshotRequest(20)).Where(static tree => tree.Label.Contains("owner", StringComparison.Ordinal));
            throw new TimeoutException(
                $"The test waited {TestTimeout.Wait.TotalSeconds} s for the end of {what}, which is suspended in {AwaitedBy.Describe(end) ?? "nothing: it has completed now"}. " +
                $"The thread pool has {ThreadPool.ThreadCount} threads, and {ThreadPool.PendingWorkItemCount} items wait for one. {string.Join(Environment.NewLine, trees)}");
        }
    }
}
