using System.CommandLine;
using Samovar.Cli.Cluster;

namespace Samovar.Cli.Commands;

/// <summary><c>samovar cluster</c>: looks after a cluster.</summary>
internal static class ClusterCommand
{
    public static Command Create() => new("cluster", "Looks after a cluster: its nodes, its queues, its dead letters, its keys.")
    {
        CreateStatus(), CreateDrain(), DeadLetterCommands.Create(), CreateKey(),
    };

    /// <summary>Adds the options of the cluster and others to a command.</summary>
    public static Command With(Command command, ClusterOptionSet cluster, params Option[] options)
    {
        foreach (Option option in options.Concat(cluster.Options)) command.Add(option);
        return command;
    }

    private static Command CreateStatus()
    {
        var cluster = new ClusterOptionSet();
        var json = new Option<bool>("--json") { Description = "Print a JSON object." };
        var command = With(new Command("status", "Shows the queues and the nodes of a cluster."), cluster, json);
        command.SetAction((parsed, _) => Interruption.RunAsync(
            stop => StatusJob.RunAsync(cluster.Read(parsed), parsed.GetValue(json), ClusterOutput.Standard, stop)));
        Examples.AddTo(command,
        [
            ("samovar cluster status --broker amqp://guest:guest@localhost/", "show the cluster 'default' of a broker on this machine"),
            ("samovar cluster status --json | jq '.nodes[].name'", "print the names of the nodes of the broker in SAMOVAR_BROKER"),
        ],
        $"""
        {ClusterOptionSet.Details}

        The members answer for a second; if no node has answered, the command waits for the report that each node sends every 5 seconds.
        HELD are tasks that a node has received and not started.

        Exit codes:
            0  the status was shown
            2  the command line is invalid, or a key is missing or not valid
            7  the broker could not be reached, it has no such cluster, or no message could be verified with the key
          130  interrupted by Ctrl-C
          143  terminated by SIGTERM
        """);
        return command;
    }

    private static Command CreateDrain()
    {
        var cluster = new ClusterOptionSet();
        var node = new Argument<string>("NODE") { Description = "The name of the node. All nodes of that name leave." };
        var noWait = new Option<bool>("--no-wait") { Description = "Return when the node has the request, instead of waiting until it has left." };
        var command = With(new Command("drain", "Makes a node leave its cluster: it takes no more tasks, completes those that it runs, and exits."), cluster, noWait);
        command.Add(node);
        command.SetAction((parsed, _) => Interruption.RunAsync(
            stop => new DrainJob(cluster.Read(parsed), parsed.GetValue(node)!, ClusterOutput.Standard).RunAsync(!parsed.GetValue(noWait), stop)));
        Examples.AddTo(command, [("samovar cluster drain ann", "make the node 'ann' leave, and wait until it has left")],
        """
        A node waits for its running tasks up to its drain timeout, and then cancels them. Ctrl-C stops this command; the node leaves
        nevertheless. A service manager that restarts a worker after each exit starts it again: stop the service instead.

        Exit codes:
            0  the node has left, or with --no-wait, has the request
            2  there is no such node, or the command line is invalid
            7  the broker could not be reached, it has no such cluster, or no node has answered
          130  interrupted by Ctrl-C
          143  terminated by SIGTERM
        """);
        return command;
    }

    private static Command CreateKey()
    {
        var name = new Option<string>("--name")
        {
            HelpName = "NAME",
            Description = "Public name of the key. Default: key1.",
            DefaultValueFactory = static _ => "key1",
        };
        var output = new Option<string?>("--output", "-o") { HelpName = "FILE", Description = "Write the key to a new FILE that only you can read. Default: standard output." };
        var command = new Command("key", "Prints a new random key for the members of a cluster, as name:secret with the secret in Base64.") { name, output };
        command.SetAction(parsed =>
        {
            string line = KeyFile.NewKey(parsed.GetValue(name)!);
            KeyFile.Parse(line, $"the name '{parsed.GetValue(name)}'");
            if (parsed.GetValue(output) is { } path) KeyFile.Create(path, line);
            else Console.Out.WriteLine(line);
            return ExitCode.Success;
        });
        Examples.AddTo(command,
        [
            ("samovar cluster key --output cluster.key", "make a key file for --key-file"),
            ("export SAMOVAR_CLUSTER_KEY=$(samovar cluster key)", "make a key and keep it in the environment"),
        ],
        """
        Every member of a cluster has the same keys. A program with a key can run code on every node, so keep it as you keep a password.
        To replace a key without an interruption, append the new key to the key file of every member, then move it to the first line of
        each, then remove the old one; restart the members after each step.
        """);
        return command;
    }
}
