using Samovar.Tests.Brokers;

namespace Samovar.Benchmarks.Contestants;

/// <summary>An executor of a cluster, and its nodes, which are processes of their own with 2 workers each.</summary>
internal sealed class RunningCluster : IAsyncDisposable
{
    private const int Workers = 2;

    /// <summary>How long an answer of a node is awaited, each time.</summary>
    private static readonly TimeSpan s_answer = TimeSpan.FromMilliseconds(200);

    private readonly string _uri;
    private readonly Dictionary<string, ChildProcess> _nodes = new(StringComparer.Ordinal);
    private int _started;

    public RunningCluster(RabbitMQServer broker, IReadOnlyDictionary<string, string>? folders = null)
    {
        _uri = broker.Uri;
        Executor = new ClusterExecutor(new RabbitMQTransport(_uri), folders is null ? null : new() { Folders = folders });
    }

    public ClusterExecutor Executor { get; }

    /// <summary>Starts a node.</summary>
    /// <param name="programs">The folder of the programs that it receives; null for that of the user.</param>
    /// <returns>Its name.</returns>
    public string StartNode(string? programs = null)
    {
        string uri = _uri, name = $"node-{++_started}";
        _nodes.Add(name, ChildProcess.Start(token => RunNodeAsync(uri, name, programs, token)));
        return name;
    }

    /// <summary>Starts a node, and waits until it receives tasks.</summary>
    /// <inheritdoc cref="StartNode"/>
    public async Task<string> StartNodeAsync(string? programs = null)
    {
        await Executor.ConnectAsync();
        string name = StartNode(programs);
        await using var monitor = await ClusterMonitor.ConnectAsync(new RabbitMQTransport(_uri));
        while (!(await monitor.GetStatusAsync(s_answer)).Nodes.Any(node => node.Name == name))
        {
        }

        return name;
    }

    /// <summary>Kills a node, as a failure of its machine would; its workers exit with it.</summary>
    public void Kill(string name)
    {
        _nodes.Remove(name, out var node);
        node!.Kill();
    }

    public async ValueTask DisposeAsync()
    {
        await Executor.ShutdownAsync(ShutdownMode.Kill, TimeSpan.Zero);
        foreach (var node in _nodes.Values)
        {
            node.Kill();
            await node.DisposeAsync();
        }
    }

    private static async Task RunNodeAsync(string uri, string name, string? programs, CancellationToken token)
    {
        await using var node = new ClusterNode(new RabbitMQTransport(uri), new() { Name = name, Workers = Workers, ProgramFolder = programs });
        await node.RunAsync(token);
    }
}
