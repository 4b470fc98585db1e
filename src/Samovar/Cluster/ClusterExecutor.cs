using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Samovar.Cluster.Owner;
using Samovar.Executors.Actors;
using Samovar.Primitives;

namespace Samovar;

/// <summary>Runs work in the worker processes of other machines, through a message broker.</summary>
/// <remarks>
/// <para>The contract is that of <see cref="ProcessExecutor"/>: the delegate travels with what it captures, a crash costs one task, work that ignores its
/// cancellation is killed. A node (<see cref="ClusterNode"/>) that is another program or another build copies this program once, and runs the tasks in
/// worker processes of it.</para>
/// <list type="bullet">
/// <item>Tasks wait in a durable queue of the broker until a node has a free worker; they may be submitted while no node runs.</item>
/// <item>This executor decides when a task starts. A task without a <see cref="TaskOptions.Retry"/> starts at most once, also if a node is lost or a
/// message is delivered twice. One with it starts again if its node is lost.</item>
/// <item>A task that has not started is certain to be cancelled.</item>
/// <item>If this process exits, its tasks are cancelled.</item>
/// </list>
/// </remarks>
[RequiresDynamicCode(CodeRequirements.Dynamic)]
[UnconditionalSuppressMessage("Trimming", "IL2026", Justification = CodeRequirements.KeptWhole)]
public sealed class ClusterExecutor : Executor
{
    private static int s_built;

    /// <summary>Initializes an executor, which begins to connect.</summary>
    /// <param name="transport">The transport to the broker.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <exception cref="ArgumentNullException"><paramref name="transport"/> is null.</exception>
    /// <exception cref="InvalidOperationException">The messages of the transport leave this machine, and the options have no keys; or a folder of
    /// <see cref="ClusterExecutorOptions.Folders"/> is too large.</exception>
    /// <exception cref="NotSupportedException">The options have <see cref="ExecutorOptions.Resources"/>, which a cluster cannot assign.</exception>
    /// <exception cref="IOException">A folder of <see cref="ClusterExecutorOptions.Folders"/> does not exist, or a file in it cannot be read.</exception>
    /// <exception cref="PlatformNotSupportedException">The program is set up for compilation ahead of time (<c>PublishAot</c>), or was trimmed without
    /// the build targets of the package.</exception>
    public ClusterExecutor(ClusterTransport transport, ClusterExecutorOptions? options = null)
        : this(transport, options ?? new(), [])
    {
    }

    private ClusterExecutor(ClusterTransport transport, ClusterExecutorOptions options, IReadOnlyList<ClusterNode> nodes)
        : base(new ClusterCore(transport, options, nodes, options.Name ?? $"{nameof(ClusterExecutor)}-{Interlocked.Increment(ref s_built)}"))
    {
    }

    /// <summary>Lets the tasks of an unreachable executor run to completion.</summary>
    ~ClusterExecutor()
    {
        // The shutdown does not need this thread. The core completes its task, and no caller is left to observe it.
        _ = ((ClusterCore?)Core)?.ShutdownAsync(ShutdownMode.Drain, TimeSpan.Zero);
    }

    /// <summary>Creates an executor with nodes of its own in this process, which run tasks in real worker processes and need no broker: for tests, and for
    /// development. The nodes leave when the executor is shut down.</summary>
    /// <param name="nodes">The number of nodes, from 1 to 64.</param>
    /// <param name="workers">How many tasks each node runs at the same time.</param>
    /// <param name="options">The options of the executor; null for the defaults.</param>
    /// <param name="transport">The transport; null for one without faults.</param>
    /// <param name="nodeOptions">The options of the nodes; null for the defaults. The name of the cluster and the number of workers are those of the
    /// other arguments.</param>
    /// <returns>The executor.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public static ClusterExecutor InMemory(
        int nodes = 1, int workers = 1, ClusterExecutorOptions? options = null, InMemoryTransport? transport = null, ClusterNodeOptions? nodeOptions = null)
    {
        if (nodes is < 1 or > 64) throw new ArgumentOutOfRangeException(nameof(nodes), nodes, "The number of nodes must be from 1 to 64.");
        options ??= new();
        transport ??= new();
        nodeOptions = (nodeOptions ?? new()) with { Cluster = options.Cluster, Keys = options.Keys, Workers = workers };
        var own = new ClusterNode[nodes];
        for (int i = 0; i < nodes; i++)
            own[i] = new ClusterNode(transport, nodeOptions with { Name = string.Create(CultureInfo.InvariantCulture, $"{nodeOptions.Name ?? "node"}-{i + 1}") });
        return new ClusterExecutor(transport, options with { ExpectedWorkers = nodes * workers }, own);
    }

    private protected override ActorHost<T> HostActor<T>(ActorPlan<T> plan)
    {
        if (plan.Options.Concurrency > 1)
        {
            throw new NotSupportedException(
                $"Actor '{plan.Name}' has a Concurrency of {plan.Options.Concurrency}, but a worker process of a node of '{Name}' runs one call at a time. " +
                "Create several actors and call them in turn, or create the actor on a ThreadExecutor.");
        }

        return ((ClusterCore)Core).HostActor(plan);
    }

    /// <summary>Returns a snapshot of the connection to the cluster.</summary>
    /// <returns>The status.</returns>
    public ClusterConnectionStatus GetConnectionStatus() => ((ClusterCore)Core).Monitor.Connection;

    /// <summary>Waits until the executor is connected.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>A task that completes when the executor is connected.</returns>
    /// <exception cref="ClusterConnectionException">Attempts to connect have failed for <see cref="ClusterExecutorOptions.ConnectTimeout"/>; the message
    /// says what to do.</exception>
    /// <exception cref="ObjectDisposedException">The executor has been shut down.</exception>
    public Task ConnectAsync(CancellationToken cancellationToken = default) => ((ClusterCore)Core).WhenConnectedAsync(cancellationToken);
}
