using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Samovar.Hosting.Health;
using Samovar.Hosting.Registrations;

namespace Samovar.Hosting;

/// <summary>Adds a health check of the executors and the nodes of a host.</summary>
public static class SamovarHealthChecks
{
    private static readonly TimeSpan s_stallTime = TimeSpan.FromSeconds(30);

    /// <summary>Adds a health check of all executors and nodes that were added by <see cref="SamovarServices.AddSamovar"/>.</summary>
    /// <param name="builder">The builder of the health checks.</param>
    /// <param name="name">The name of the check. Default: <c>samovar</c>.</param>
    /// <param name="failureStatus">The status that is reported if an executor is unhealthy; null (the default) for
    /// <see cref="HealthStatus.Unhealthy"/>.</param>
    /// <param name="tags">The tags of the check; null (the default) for none.</param>
    /// <param name="stallTime">How long there may be queued work while none runs or completes; null (the default) for 30 seconds. Tasks that wait
    /// for their next attempt count as queued: use a time that exceeds the delays of your retries. It is also how long a connection to a cluster may be
    /// missing, and a node may receive nothing although messages wait. It is measured between checks, so they must be more frequent.</param>
    /// <returns>The builder.</returns>
    /// <remarks>
    /// <para>An executor is unhealthy if its initializer or an internal error has broken it, if workers cannot be started
    /// (<see cref="WorkerStartState.Open"/>), or if there has been queued work for <paramref name="stallTime"/> while none ran or completed.</para>
    /// <para>It is degraded if the last start of a worker has failed and is tried again (<see cref="WorkerStartState.Retrying"/>,
    /// <see cref="WorkerStartState.HalfOpen"/>), or if the queue is more than 90 % full.</para>
    /// <para>The executor of a cluster is unhealthy if it has no connection for <paramref name="stallTime"/> (or cannot connect at all, for
    /// <see cref="ClusterExecutorOptions.ConnectTimeout"/>), or if its tasks have waited for so long and no node has reported to it. It is degraded while it
    /// has no connection for a shorter time, while the broker accepts no messages, and if tasks wait although there are nodes: other executors may keep
    /// them busy.</para>
    /// <para>A node is judged by what it consumes. It is unhealthy if it has no connection for <paramref name="stallTime"/>, if it has idle workers and has
    /// received nothing for so long although messages wait in the queues, or if workers cannot be started. It is degraded while it has no connection for a
    /// shorter time, while the broker accepts no messages, if the last start of a worker has failed, if it has refused messages lately, and when it
    /// leaves.</para>
    /// <para>An executor that has not been used is reported as not started and counts as healthy: the check does not create it. The data of the result
    /// has the <see cref="ExecutorStatistics"/> of each executor, by name, and the <see cref="ClusterNodeStatistics"/> of each node, by <c>node</c> and its
    /// name.</para>
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> or <paramref name="name"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="stallTime"/> is not more than zero.</exception>
    public static IHealthChecksBuilder AddSamovar(
        this IHealthChecksBuilder builder, string name = "samovar", HealthStatus? failureStatus = null, IEnumerable<string>? tags = null,
        TimeSpan? stallTime = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(name);
        if (stallTime is { } time) ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(time, TimeSpan.Zero, nameof(stallTime));
        return builder.Add(new HealthCheckRegistration(name, provider => Create(provider, name, stallTime ?? s_stallTime), failureStatus, tags));
    }

    private static ExecutorHealthCheck Create(IServiceProvider services, string name, TimeSpan stallTime)
    {
        var executors = services.GetService<SamovarExecutors>()
            ?? throw new InvalidOperationException($"The health check '{name}' has no executors to check. Call services.AddSamovar() too.");
        return new ExecutorHealthCheck(executors, services.GetRequiredService<HostedNodes>(), services.GetService<TimeProvider>() ?? TimeProvider.System, stallTime);
    }
}
