namespace Samovar.Hosting.Health;

/// <summary>Judges one node of a host by what it consumes: see <see cref="SamovarHealthChecks.AddSamovar"/> for the rules. Thread-safe.</summary>
internal sealed class NodeHealth
{
    /// <summary>How long the broker may take to count its messages.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly StallWatch _disconnection = new();
    private readonly StallWatch _consumption = new();
    private readonly Lock _gate = new();
    private long _refused; // gate
    private long? _refusedAt; // gate: the last check that showed more refused messages than the one before

    /// <summary>Returns what is wrong with the node; null for nothing.</summary>
    /// <param name="node">The node.</param>
    /// <param name="statistics">Its statistics.</param>
    /// <param name="time">The clock.</param>
    /// <param name="limit">How long an interruption, or an idle node next to waiting messages, is no failure.</param>
    /// <param name="cancellationToken">Cancels the check.</param>
    public async Task<HealthFinding?> JudgeAsync(ClusterNode node, ClusterNodeStatistics statistics, TimeProvider time, TimeSpan limit, CancellationToken cancellationToken)
    {
        var refusing = Refusing(statistics, time, limit);
        var connection = HealthFinding.Of(statistics.Connection, _disconnection, time, limit);
        var stalled = _consumption.Observe(
            await IsIdleNextToWorkAsync(node, statistics, time, cancellationToken).ConfigureAwait(false), statistics.ReceivedMessages, time);

        if (statistics.IsLeaving) return HealthFinding.Degraded($"leaves its cluster");
        if (statistics.WorkerStarts == WorkerStartState.Open) return HealthFinding.Unhealthy($"cannot start workers: {HealthFinding.FirstLine(statistics.StartError)}");
        if (connection is { IsUnhealthy: true }) return connection;
        if (stalled >= limit)
        {
            return HealthFinding.Unhealthy(
                $"has {statistics.Workers - statistics.Running} idle workers and has received nothing for {stalled.TotalSeconds:0} s, although messages wait in the queues");
        }

        if (connection is not null) return connection;
        if (statistics.WorkerStarts is WorkerStartState.Retrying or WorkerStartState.HalfOpen)
            return HealthFinding.Degraded($"has failed to start a worker and tries again ({statistics.WorkerStarts}): {HealthFinding.FirstLine(statistics.StartError)}");
        return refusing;
    }

    private static async Task<bool> IsIdleNextToWorkAsync(ClusterNode node, ClusterNodeStatistics statistics, TimeProvider time, CancellationToken cancellationToken)
    {
        if (statistics.IsLeaving || statistics.Connection.State != ClusterConnectionState.Connected || statistics.Running >= statistics.Workers || statistics.Held > 0) return false;
        try
        {
            return (await node.GetQueueDepthAsync(cancellationToken).WaitAsync(s_patience, time, cancellationToken).ConfigureAwait(false)).Waiting > 0;
        }
        catch (Exception error) when (error is TimeoutException or ObjectDisposedException)
        {
            return false; // interrupted, or left, meanwhile: the next check reports it
        }
    }

    /// <summary>Reports messages that the node has refused lately: with a wrong key it takes tasks from the queue and runs none.</summary>
    private HealthFinding? Refusing(ClusterNodeStatistics statistics, TimeProvider time, TimeSpan limit)
    {
        lock (_gate)
        {
            if (statistics.RefusedMessages > _refused)
            {
                _refused = statistics.RefusedMessages;
                _refusedAt = time.GetTimestamp();
            }

            return _refusedAt is { } at && time.GetElapsedTime(at) < limit
                ? HealthFinding.Degraded($"has refused {_refused} messages, some of them lately: compare the keys and the clocks of the members")
                : null;
        }
    }
}
