namespace Samovar.Cli.Cluster;

/// <summary>Connects the executor of a map to its cluster, and says so if no node runs its items.</summary>
internal sealed class ClusterWatch : IAsyncDisposable
{
    /// <summary>How long nodes may take to report. They answer a new executor at once.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _ending = new();
    private readonly Task _watching;

    private ClusterWatch(ClusterExecutor executor, ClusterTarget target, Action<string> say) => _watching = WatchAsync(executor, target, say, _ending.Token);

    /// <exception cref="UsageException">The broker could not be reached.</exception>
    public static async Task<ClusterWatch> StartAsync(ClusterExecutor executor, ClusterTarget target, Action<string> say)
    {
        try
        {
            await executor.ConnectAsync();
        }
        catch (ClusterConnectionException error)
        {
            await executor.ShutdownAsync(ShutdownMode.Kill, TimeSpan.Zero);
            throw new UsageException(error.Message, ExitCode.NoAnswer);
        }

        return new ClusterWatch(executor, target, say);
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _watching;
        _ending.Dispose();
    }

    private static async Task WatchAsync(ClusterExecutor executor, ClusterTarget target, Action<string> say, CancellationToken ending)
    {
        using var timer = new PeriodicTimer(s_patience);
        bool said = false;
        try
        {
            while (await timer.WaitForNextTickAsync(ending))
            {
                bool isAlone = executor.GetStatistics().LiveWorkers == 0;
                if (isAlone && !said) say($"samovar: {target} has no node, so the items wait. Start one with 'samovar worker'.");
                else if (said && !isAlone) say("samovar: a node has joined.");
                said = isAlone;
            }
        }
        catch (OperationCanceledException)
        {
            // All items are done.
        }
    }
}
