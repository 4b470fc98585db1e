namespace Samovar.Cli.Cluster;

/// <summary>Waits for the nodes of a cluster to answer.</summary>
internal static class NodeSearch
{
    /// <summary>How long nodes have to answer; most do within milliseconds.</summary>
    private static readonly TimeSpan s_answer = TimeSpan.FromSeconds(1);

    /// <summary>In this time each node reports by itself, also one that refuses the request to answer.</summary>
    private static readonly TimeSpan s_report = TimeSpan.FromSeconds(5.5);

    /// <summary>Returns the status of the cluster. If it does not have what is looked for, waits until each node has reported by itself.</summary>
    public static async Task<ClusterStatus> FindAsync(ClusterMonitor monitor, Func<ClusterStatus, bool> isFound, CancellationToken cancellation)
    {
        var status = await monitor.GetStatusAsync(s_answer, cancellation);
        return isFound(status) ? status : await monitor.GetStatusAsync(s_report, cancellation);
    }

    /// <summary>Returns what a user must know of messages that could not be verified; null if no message was refused.</summary>
    public static string? DescribeRefusals(ClusterStatus status) => status.RefusedMessages == 0 ? null
        : $"{status.RefusedMessages} message{(status.RefusedMessages == 1 ? " was" : "s were")} refused, so members may be missing here. The latest: "
            + $"{status.RefusalReason}. Compare the key with that of the nodes (--key-file, SAMOVAR_CLUSTER_KEY).";
}
