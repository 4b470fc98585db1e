using System.CommandLine;
using Samovar.Cli.Cluster;

namespace Samovar.Cli.Commands;

/// <summary><c>samovar cluster</c>: looks after a cluster.</summary>
internal static class ClusterCommand
{
    public static Command Create() => new("cluster", "Looks after a cluster: its nodes, its queues, its dead letters, its keys.")
    {
        CreateKey(),
    };

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
