using System.CommandLine;
using Samovar.Cli.Cluster;

namespace Samovar.Cli.Commands;

/// <summary><c>samovar worker</c>: makes this machine a node of a cluster.</summary>
internal static class WorkerCommand
{
    private const int MostWorkers = 4096;

    // Work that comes from others does not need the password of the broker, nor the keys.
    private static readonly ProcessExecutorOptions s_workers = new()
    {
        Environment = new Dictionary<string, string?> { [ClusterOptionSet.BrokerVariable] = null, [ClusterOptionSet.KeyVariable] = null },
    };

    private const string About = "Makes this machine a node of a cluster: runs its tasks in worker processes until it is stopped.";

    private const string Details =
        $"""
        {ClusterOptionSet.Details}

        The first Ctrl-C or SIGTERM, or 'samovar cluster drain', lets the node leave: it takes no more tasks, other nodes get what it has not
        started, and it waits for the tasks that it runs. The second one cancels those. What happens is written to standard error, a line each.

        Exit codes:
            0  the node has left the cluster, after a signal or 'samovar cluster drain'
            2  the command line is invalid, or a key is missing or not valid
            7  the broker could not be reached, or refused the connection, within --connect-timeout
          130  a second Ctrl-C cancelled the running tasks
          143  a second SIGTERM cancelled the running tasks
        """;

    public static Command Create()
    {
        var cluster = new ClusterOptionSet();
        var workers = OptionValues.Number("--workers", "Run up to N tasks at the same time. Default: the number of processors.", least: 1, MostWorkers, "-j");
        var name = new Option<string?>("--name") { HelpName = "NAME", Description = "Name of the node. Default: the name of the machine and the process id." };
        var resources = ResourceValues.Option(
            "Let the tasks of this node share AMOUNT of the resource NAME, such as gpu=2 or memory=64GiB; tasks say what they require of it. Repeatable. Default: none.");
        var drain = OptionValues.Time("--drain-timeout", "When the node leaves, wait up to TIME for the tasks that it runs. Default: 30s.");
        var connect = OptionValues.Time(
            "--connect-timeout", "Exit if no connection succeeds within TIME; 0 for one attempt. Default: attempts are repeated without a limit.");
        var queue = OptionValues.Number(
            "--max-queue-length", "The longest length of a task queue, as the programs that submit set it. Default: no limit.", least: 1, int.MaxValue);
        var command = new Command("worker", About);
        foreach (Option option in (Option[])[.. cluster.Options, workers, name, resources, drain, connect, queue]) command.Add(option);
        command.SetAction(async (parsed, _) =>
        {
            if (parsed.GetValue(name) is { } empty && string.IsNullOrWhiteSpace(empty)) throw new UsageException("--name must not be empty.");
            var amounts = ResourceValues.Read(parsed.GetValue(resources) ?? []);
            using var reconnects = new ReconnectLog(Console.Error);
            var target = cluster.Read(parsed, new() { MaxQueueLength = parsed.GetValue(queue), LoggerFactory = reconnects });
            var options = new ClusterNodeOptions
            {
                Cluster = target.Name,
                Keys = target.Keys,
                Name = parsed.GetValue(name),
                Resources = amounts,
                WorkerOptions = s_workers,
            };
            if (parsed.GetValue(workers) is { } number) options = options with { Workers = number };
            if (parsed.GetValue(drain) is { } limit) options = options with { DrainTimeout = limit };
            using var signal = new LeaveSignal();
            signal.Listen();
            return await new WorkerJob(new WorkerRequest(target, options, parsed.GetValue(connect)), Console.Error).RunAsync(signal);
        });
        Examples.AddTo(command,
        [
            ("samovar worker --broker amqp://guest:guest@localhost/", "take tasks from a broker on this machine"),
            ("samovar worker --key-file cluster.key --workers 4", "take tasks from the broker in SAMOVAR_BROKER, four at a time"),
            ("samovar worker --resource gpu=2 --resource memory=64GiB", "take also tasks that require a GPU or memory"),
            ("samovar worker --drain-timeout 10m", "wait up to ten minutes for the running tasks when the node leaves"),
        ], Details);
        return command;
    }
}
