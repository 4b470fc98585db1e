using Microsoft.Extensions.Diagnostics.HealthChecks;
using Samovar.Hosting.Registrations;

namespace Samovar.Hosting.Health;

/// <summary>Judges the executors and the nodes of a host by their statistics: see <see cref="SamovarHealthChecks.AddSamovar"/> for the rules.</summary>
internal sealed class ExecutorHealthCheck(SamovarExecutors executors, HostedNodes nodes, TimeProvider time, TimeSpan stallTime) : IHealthCheck
{
    private const double FullQueue = 0.9;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var data = new Dictionary<string, object>(StringComparer.Ordinal);
        List<string> unhealthy = [], degraded = [];
        foreach (var entry in executors.Entries)
        {
            string name = entry.Registration.Name;
            if (entry.Executor is not { } executor)
            {
                data[name] = "not started";
                continue;
            }

            var statistics = executor.GetStatistics();
            data[name] = statistics;
            Add($"'{name}'", Judge(executor, statistics, entry));
        }

        foreach (var entry in nodes.Entries)
        {
            string name = $"node {entry.Registration.Name}".TrimEnd();
            if (entry.Node is not { } node)
            {
                data[name] = "not started";
                continue;
            }

            var statistics = node.GetStatistics();
            data[name] = statistics;
            Add($"node '{entry.Registration.Name}'", await entry.Health.JudgeAsync(node, statistics, time, stallTime, cancellationToken).ConfigureAwait(false));
        }

        var status = unhealthy.Count > 0 ? context.Registration.FailureStatus : degraded.Count > 0 ? HealthStatus.Degraded : HealthStatus.Healthy;
        string? description = unhealthy.Count + degraded.Count == 0 ? null : string.Join("; ", [.. unhealthy, .. degraded]);
        return new HealthCheckResult(status, description, exception: null, data);

        void Add(string name, HealthFinding? finding)
        {
            if (finding is { } found) (found.IsUnhealthy ? unhealthy : degraded).Add($"{name} {found.Text}");
        }
    }

    private HealthFinding? Judge(Executor executor, ExecutorStatistics statistics, ExecutorEntry entry)
    {
        var stalled = entry.Stall.Observe(statistics, time);
        if (statistics.BrokenBy is { } broken) return HealthFinding.Unhealthy($"is broken: {broken}");
        if (executor is ClusterExecutor cluster) return JudgeCluster(cluster, statistics, entry, stalled);
        if (statistics.WorkerStarts == WorkerStartState.Open) return HealthFinding.Unhealthy($"cannot start workers: {HealthFinding.FirstLine(statistics.StartError)}");
        if (stalled >= stallTime) return HealthFinding.Unhealthy($"has {statistics.Queued} queued tasks, and none has run or completed for {stalled.TotalSeconds:0} s");
        if (statistics.WorkerStarts is WorkerStartState.Retrying or WorkerStartState.HalfOpen)
            return HealthFinding.Degraded($"has failed to start a worker and tries again ({statistics.WorkerStarts}): {HealthFinding.FirstLine(statistics.StartError)}");
        return entry.Registration.QueueCapacityIn(executors.SettingsOf(entry).Options) is { } capacity && statistics.Queued > FullQueue * capacity
            ? HealthFinding.Degraded($"has {statistics.Queued} queued tasks, and its queue has room for {capacity}")
            : null;
    }

    /// <summary>Judges the executor of a cluster. Other executors may keep the nodes busy, so tasks that wait are no failure while there are nodes.</summary>
    private HealthFinding? JudgeCluster(ClusterExecutor executor, ExecutorStatistics statistics, ExecutorEntry entry, TimeSpan stalled)
    {
        var connection = HealthFinding.Of(executor.GetConnectionStatus(), entry.Disconnection, time, stallTime);
        if (statistics.StartError is { } refusal) return HealthFinding.Unhealthy($"cannot connect to its cluster: {HealthFinding.FirstLine(refusal)}");
        if (connection is not null) return connection;
        if (stalled < stallTime) return null;
        return statistics.LiveWorkers == 0
            ? HealthFinding.Unhealthy($"has {statistics.Queued} queued tasks, none has run or completed for {stalled.TotalSeconds:0} s, and no node has reported to it")
            : HealthFinding.Degraded($"has {statistics.Queued} queued tasks, and none has run or completed for {stalled.TotalSeconds:0} s, although there are {statistics.LiveWorkers} workers");
    }
}
