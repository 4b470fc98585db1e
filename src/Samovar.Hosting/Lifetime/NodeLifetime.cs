using Microsoft.Extensions.Logging;
using Samovar.Hosting.Registrations;

namespace Samovar.Hosting.Lifetime;

/// <summary>Starts and stops the nodes of a host. A node that cannot connect tries again until it can: a broker may start later than its nodes.</summary>
internal sealed class NodeLifetime(HostedNodes nodes, ILogger logger, TimeProvider time)
{
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Running> _running = []; // written by Start, before the host can stop

    /// <summary>Creates the nodes, and begins to connect them.</summary>
    public void Start()
    {
        var created = nodes.Entries.Select(entry => (Entry: entry, Node: nodes.Get(entry))).ToList(); // all of them, before one connects: this may throw
        _running.AddRange(created.Select(node => new Running(node.Entry, node.Node, ConnectAsync(node.Entry, node.Node))));
    }

    /// <summary>Stops the nodes.</summary>
    /// <param name="executors">Completes when the executors of clusters in this host have stopped, which may need the nodes until then.</param>
    /// <param name="plan">Returns how much time there is from now on.</param>
    /// <param name="cancellationToken">Cuts the wait for running tasks short.</param>
    public async Task StopAsync(Task executors, Func<StopPlan> plan, CancellationToken cancellationToken)
    {
        if (_running.Count == 0) return;
        await executors.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // the caller awaits them too
        await _stopping.CancelAsync().ConfigureAwait(false);
        var limit = plan().DrainTime;
        await Task.WhenAll(_running.Select(running => StopAsync(running, limit, cancellationToken))).ConfigureAwait(false);
    }

    private async Task ConnectAsync(NodeEntry entry, ClusterNode node)
    {
        for (var pause = s_firstPause; !_stopping.IsCancellationRequested && !node.GetStatistics().IsLeaving; pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause)
        {
            try
            {
                await node.StartAsync(_stopping.Token).ConfigureAwait(false);
                return;
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error) when (node.GetStatistics().Connection.State is not null)
            {
                // The connection restores itself; the node is of no use without what has failed.
                logger.LogError(error, "Node '{Node}' is connected, but takes no tasks.", entry.Registration.Name);
                return;
            }
            catch (Exception)
            {
                // The node has logged it, and reports it in its statistics.
            }

            await Task.Delay(pause, time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task StopAsync(Running running, TimeSpan limit, CancellationToken cancellationToken)
    {
        var (entry, node, connecting) = running;
        await connecting.ConfigureAwait(false);
        int tasks = node.Running;
        if (tasks > 0) logger.LogInformation("Node '{Node}' leaves its cluster: it completes {Running} running tasks first.", entry.Registration.Name, tasks);
        using var expiry = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(expiry.Token, cancellationToken);
        await node.StopAsync(either.Token).ConfigureAwait(false);
        if (tasks > 0 && either.IsCancellationRequested)
        {
            logger.LogWarning(
                "Node '{Node}' ran tasks when its time to leave had expired: they were cancelled or killed. Raise HostOptions.ShutdownTimeout if tasks need longer.",
                entry.Registration.Name);
        }
    }

    /// <summary>A node that was created.</summary>
    private sealed record Running(NodeEntry Entry, ClusterNode Node, Task Connecting);
}
