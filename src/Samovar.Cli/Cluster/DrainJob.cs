namespace Samovar.Cli.Cluster;

/// <summary>Runs <c>samovar cluster drain</c>.</summary>
/// <param name="target">The cluster.</param>
/// <param name="name">The name of the node.</param>
/// <param name="output">Where to write.</param>
internal sealed class DrainJob(ClusterTarget target, string name, ClusterOutput output)
{
    private static readonly TimeSpan s_pollInterval = TimeSpan.FromSeconds(1);

    /// <param name="waits">Whether to wait until the node has left.</param>
    /// <param name="cancellation">Cancels the wait; the node leaves nevertheless.</param>
    /// <exception cref="UsageException">There is no such node.</exception>
    public Task<int> RunAsync(bool waits, CancellationToken cancellation) => target.WithMonitorAsync(
        async monitor =>
        {
            var status = await NodeSearch.FindAsync(monitor, status => status.Nodes.Any(IsMeant), cancellation);
            ClusterNodeStatus[] nodes = [.. status.Nodes.Where(IsMeant)];
            if (nodes.Length == 0) throw Unknown(status);
            await Task.WhenAll(nodes.Select(node => DrainAsync(monitor, node, waits, cancellation))); // names need not be unique
            return ExitCode.Success;
        },
        cancellation);

    // A node whose reply box does not exist any more has left: that is certain, while its silence is not.
    private async Task DrainAsync(ClusterMonitor monitor, ClusterNodeStatus node, bool waits, CancellationToken cancellation)
    {
        string? shown = null;
        while (await monitor.DrainAsync(node, cancellation)) // repeated without harm
        {
            if (shown is null) output.Say($"node '{Name}' has the request to leave.");
            if (!waits) return;
            var status = await monitor.GetStatusAsync(s_pollInterval, cancellation);
            if (status.Nodes.FirstOrDefault(other => other.Id == node.Id) is not { } now)
            {
                shown ??= "";
                continue;
            }

            string text = $"node '{Name}' {(now.IsDraining ? "is draining" : "has not begun to drain")}: {now.Running:N0} task{(now.Running == 1 ? "" : "s")} running.";
            if (text != shown) output.Say(text);
            shown = text;
        }

        output.Say($"node '{Name}' has left the cluster.");
    }

    private string Name => StatusJob.Printable(name);

    private bool IsMeant(ClusterNodeStatus node) => string.Equals(node.Name, name, StringComparison.Ordinal);

    private UsageException Unknown(ClusterStatus status)
    {
        string[] known = [.. status.Nodes.Select(static node => StatusJob.Printable(node.Name)).Distinct(StringComparer.Ordinal)];
        string refusals = NodeSearch.DescribeRefusals(status) is { } text ? $" {text}" : "";
        return known.Length == 0
            ? new UsageException($"no node of {target} has answered.{refusals}", ExitCode.NoAnswer)
            : new UsageException($"{target} has no node '{Name}'.{Spelling.Suggest(Name, known)} Its nodes: {string.Join(", ", known)}.{refusals}");
    }
}
