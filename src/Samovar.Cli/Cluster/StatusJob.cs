using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Spectre.Console;

namespace Samovar.Cli.Cluster;

/// <summary>Runs <c>samovar cluster status</c>.</summary>
internal static class StatusJob
{
    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <returns>The exit code: <see cref="ExitCode.NoAnswer"/> if messages arrived and none could be verified.</returns>
    public static Task<int> RunAsync(ClusterTarget target, bool isJson, ClusterOutput output, CancellationToken cancellation) => target.WithMonitorAsync(
        async monitor =>
        {
            var status = await NodeSearch.FindAsync(monitor, static status => status.Nodes.Count > 0, cancellation);
            if (isJson) output.Results.WriteLine(Json(target, monitor.Broker, status));
            else output.Page(console => Write(target, monitor.Broker, status, console));
            if (NodeSearch.DescribeRefusals(status) is { } refusals) output.Say(refusals);
            return status is { Nodes.Count: 0, RefusedMessages: > 0 } ? ExitCode.NoAnswer : ExitCode.Success;
        },
        cancellation);

    private static void Write(ClusterTarget target, ClusterBroker broker, ClusterStatus status, IAnsiConsole console)
    {
        console.WriteLine($"{target}: {broker.Product}");
        console.WriteLine($"queues   {Count(status.Queues.Waiting)} waiting ({Count(status.Queues.High)} high, {Count(status.Queues.Normal)} normal, {Count(status.Queues.Low)} low), "
            + $"{Count(status.Queues.Dead)} dead; a message has up to 256 tasks");
        console.WriteLine($"owners   {Count(status.Owners)} connected");
        console.WriteLine($"nodes    {Count(status.Nodes.Count)}, {Count(status.Nodes.Sum(static node => node.Workers))} workers, {Count(status.Nodes.Sum(static node => node.Running))} tasks running");
        if (status.Nodes.Count == 0) return;
        console.WriteLine();
        var table = new Table().NoBorder().AddColumn("NODE").AddColumn("STATE");
        foreach (string column in (string[])["WORKERS", "RUNNING", "HELD"]) table.AddColumn(new TableColumn(column).RightAligned());
        bool hasResources = status.Nodes.Any(static node => node.Resources.Count > 0);
        if (hasResources) table.AddColumn("RESOURCES IN USE");
        table.AddColumn("BUILD");
        foreach (var node in status.Nodes)
        {
            string[] cells = [Printable(node.Name), State(node), Count(node.Workers), Count(node.Running), Count(node.Held), .. hasResources ? [Resources(node)] : Array.Empty<string>(), node.Build];
            table.AddRow(cells.Select(static cell => new Text(cell)));
        }

        console.Write(table);
    }

    // Property names are a stable interface: new ones may be added, existing ones never change.
    private static string Json(ClusterTarget target, ClusterBroker broker, ClusterStatus status) => JsonSerializer.Serialize(
        new
        {
            cluster = target.Name,
            endpoint = target.Transport.Endpoint,
            broker = broker.Product,
            queues = new { high = status.Queues.High, normal = status.Queues.Normal, low = status.Queues.Low, dead = status.Queues.Dead },
            owners = status.Owners,
            nodes = status.Nodes.Select(static node => new
            {
                name = node.Name,
                id = node.Id,
                state = State(node),
                workers = node.Workers,
                running = node.Running,
                held = node.Held,
                resources = node.Resources.Select(static one => new { name = one.Name, total = one.Total, inUse = one.InUse, waiting = one.Waiting }),
                build = node.Build,
            }),
            refusedMessages = status.RefusedMessages,
            refusalReason = status.RefusalReason,
        },
        s_json);

    private static string State(ClusterNodeStatus node) => node.IsDraining ? "draining" : "accepting";

    private static string Resources(ClusterNodeStatus node) => string.Join(", ", node.Resources.Select(static one =>
        string.Create(CultureInfo.InvariantCulture, $"{Printable(one.Name)} {one.InUse:0.####} of {one.Total:0.####}{(one.Waiting > 0 ? $" ({one.Waiting:N0} waiting)" : "")}")));

    private static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Replaces control characters: names come from other machines, and must not move the cursor or change colours.</summary>
    internal static string Printable(string text) => string.Concat(text.Select(static one => char.IsControl(one) ? '?' : one));
}
