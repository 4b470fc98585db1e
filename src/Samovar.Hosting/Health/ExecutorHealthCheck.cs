using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Samovar.Hosting.Registrations;

namespace Samovar.Hosting.Health;

/// <summary>Judges the executors of a host by their statistics: see <see cref="SamovarHealthChecks.AddSamovar"/> for the rules.</summary>
internal sealed class ExecutorHealthCheck(SamovarExecutors executors, TimeProvider time, TimeSpan stallTime) : IHealthCheck
{
    private const double FullQueue = 0.9;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
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
            if (IsUnhealthy(statistics, entry.Stall.Observe(statistics, time)) is { } failure) unhealthy.Add($"'{name}' {failure}");
            else if (IsDegraded(statistics, entry) is { } warning) degraded.Add($"'{name}' {warning}");
        }

        var status = unhealthy.Count > 0 ? context.Registration.FailureStatus : degraded.Count > 0 ? HealthStatus.Degraded : HealthStatus.Healthy;
        string? description = unhealthy.Count + degraded.Count == 0 ? null : string.Join("; ", [.. unhealthy, .. degraded]);
        return Task.FromResult(new HealthCheckResult(status, description, exception: null, data));
    }

    private string? IsUnhealthy(ExecutorStatistics statistics, TimeSpan stalled)
    {
        if (statistics.BrokenBy is { } broken) return $"is broken: {broken}";
        if (statistics.WorkerStarts == WorkerStartState.Open) return $"cannot start workers: {FirstLine(statistics.StartError)}";
        return stalled >= stallTime
            ? string.Create(CultureInfo.InvariantCulture, $"has {statistics.Queued} queued tasks, and none has run or completed for {stalled.TotalSeconds:0} s")
            : null;
    }

    private string? IsDegraded(ExecutorStatistics statistics, ExecutorEntry entry)
    {
        if (statistics.WorkerStarts is WorkerStartState.Retrying or WorkerStartState.HalfOpen)
            return $"has failed to start a worker and tries again ({statistics.WorkerStarts}): {FirstLine(statistics.StartError)}";
        return entry.Registration.QueueCapacityIn(executors.SettingsOf(entry).Options) is { } capacity && statistics.Queued > FullQueue * capacity
            ? string.Create(CultureInfo.InvariantCulture, $"has {statistics.Queued} queued tasks, and its queue has room for {capacity}")
            : null;
    }

    private static string FirstLine(string? text) => text?.Split('\n')[0] ?? "";
}
