namespace Samovar.Cli.Cluster;

/// <summary>What <c>samovar worker</c> is to do.</summary>
/// <param name="Target">The cluster to join.</param>
/// <param name="Options">The options of the node.</param>
/// <param name="ConnectTimeout">How long attempts to connect are repeated; null for no limit.</param>
internal sealed record WorkerRequest(ClusterTarget Target, ClusterNodeOptions Options, TimeSpan? ConnectTimeout)
{
    /// <summary>Gets the clock of the pauses and of the reports.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
