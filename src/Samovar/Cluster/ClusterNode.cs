using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Samovar.Cluster.Node;
using Samovar.Primitives;

namespace Samovar;

/// <summary>Runs the tasks of a cluster in worker processes of this machine. Tasks of programs that are not its own build run in workers that start from
/// a copy of that program; see <see cref="ClusterNodeOptions.RunsOtherPrograms"/>.</summary>
/// <remarks>
/// <para>A node takes tasks from the queues of its cluster as its workers become free, and asks the <see cref="ClusterExecutor"/> that submitted a task
/// before it starts it. If the node or its machine fails, its tasks fail with <see cref="NodeLostException"/>, or run again elsewhere if they have a
/// <see cref="TaskOptions.Retry"/>.</para>
/// <para>Thread-safe.</para>
/// </remarks>
[RequiresDynamicCode(CodeRequirements.Dynamic)]
[UnconditionalSuppressMessage("Trimming", "IL2026", Justification = CodeRequirements.KeptWhole)]
public sealed class ClusterNode : IAsyncDisposable
{
    private readonly NodeCore _core;

    internal ClusterNodeOptions Options { get; }

    /// <summary>Identifies the node in messages.</summary>
    internal Guid Id => _core.Id;

    /// <summary>Initializes a node. It does nothing until it is started.</summary>
    /// <param name="transport">The transport.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <exception cref="ArgumentNullException"><paramref name="transport"/> is null.</exception>
    /// <exception cref="InvalidOperationException">The messages of the transport leave this machine, and the options have no keys.</exception>
    public ClusterNode(ClusterTransport transport, ClusterNodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(transport);
        options ??= new();
        Name = options.Name ?? string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}-{Environment.ProcessId}");
        _core = new NodeCore(transport, options, Name);
        Options = options;
    }

    /// <summary>Gets the name of the node.</summary>
    public string Name { get; }

    /// <summary>Gets the number of tasks that the node runs now. Calls of actors do not count.</summary>
    public int Running => _core.Running;

    /// <summary>Gets the number of attempts of tasks that have completed on this node, whatever their outcome.</summary>
    public long Completed => _core.Completed;

    /// <summary>Gets a token that is cancelled when the node begins to leave: by <see cref="StopAsync"/>, or because an operator has requested it
    /// (<c>samovar cluster drain</c>).</summary>
    public CancellationToken Leaving => _core.Leaving;

    /// <summary>Gets a task that completes when the node has left the cluster and its worker processes have exited.</summary>
    public Task Completion => _core.Left;

    /// <summary>Gets the number of messages that were refused because they were unsigned, altered, too old, or not from this cluster.</summary>
    public long RefusedMessages => _core.RefusedMessages;

    /// <summary>Returns a snapshot of the node: its connection, its tasks, its worker processes.</summary>
    /// <returns>The statistics.</returns>
    public ClusterNodeStatistics GetStatistics() => _core.GetStatistics();

    /// <summary>Reads how many messages wait in the queues of the cluster. Waits while the connection is interrupted.</summary>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The numbers.</returns>
    /// <exception cref="InvalidOperationException">The node is not connected yet.</exception>
    /// <exception cref="ObjectDisposedException">The node has left.</exception>
    public Task<ClusterQueueDepth> GetQueueDepthAsync(CancellationToken cancellationToken = default) => _core.GetQueueDepthAsync(cancellationToken);

    /// <summary>Connects to the cluster and begins to take tasks.</summary>
    /// <param name="cancellationToken">Cancels the attempt to connect.</param>
    /// <returns>A task that completes when the node is connected.</returns>
    /// <exception cref="ClusterConnectionException">The connection failed; the message says what to do.</exception>
    /// <exception cref="InvalidOperationException">The node was started before. After a connection that failed, it can be started again.</exception>
    public Task StartAsync(CancellationToken cancellationToken = default) => _core.StartAsync(cancellationToken);

    /// <summary>Leaves the cluster: the node returns what it has not started, waits for its tasks (<see cref="ClusterNodeOptions.DrainTimeout"/>), cancels
    /// those that still run, and kills them after the grace period. Further calls wait for the same.</summary>
    /// <param name="cancellationToken">Cuts the wait for the tasks short, also if another call has begun it.</param>
    /// <returns>A task that completes when the node has left and its worker processes have exited.</returns>
    public Task StopAsync(CancellationToken cancellationToken = default) => _core.StopAsync(cancellationToken);

    /// <summary>Runs the node until the token is cancelled, and then leaves the cluster. It also leaves when an operator requests it
    /// (<c>samovar cluster drain</c>).</summary>
    /// <param name="cancellationToken">Makes the node leave.</param>
    /// <returns>A task that completes when the node has left.</returns>
    /// <exception cref="ClusterConnectionException">The first connection failed.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await StartAsync(cancellationToken).ConfigureAwait(false);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using (cancellationToken.UnsafeRegister(static source => ((TaskCompletionSource)source!).TrySetResult(), ended))
        using (Leaving.UnsafeRegister(static source => ((TaskCompletionSource)source!).TrySetResult(), ended))
            await ended.Task.ConfigureAwait(false);
        await StopAsync(CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Leaves the cluster, like <see cref="StopAsync"/>.</summary>
    /// <returns>A task that completes when the node has left.</returns>
    public ValueTask DisposeAsync() => new(StopAsync(CancellationToken.None));
}
