using System.CommandLine;
using Samovar.Cli.Cluster;

namespace Samovar.Cli.Commands;

/// <summary><c>samovar cluster dead</c>: looks after dead letters.</summary>
internal static class DeadLetterCommands
{
    private const int Most = 100;

    public static Command Create() => new("dead", "Looks after dead letters: messages that no node could process.")
    {
        CreateList(), CreateShow(), CreateSettle("retry", DeadLetterAction.Retry), CreateSettle("drop", DeadLetterAction.Drop),
    };

    private static Command CreateList()
    {
        var cluster = new ClusterOptionSet();
        var most = new Option<int>("--most")
        {
            HelpName = "NUMBER",
            Description = $"Show at most this many. Default: {Most}.",
            DefaultValueFactory = static _ => Most,
            CustomParser = static result => WholeNumbers.One(result, "--most", least: 1),
        };
        var json = Json("Print JSON: an array of objects.");
        var command = ClusterCommand.With(new Command("list", "Lists the dead letters, the oldest first, with the reason why each is there."), cluster, most, json);
        command.SetAction((parsed, _) => Interruption.RunAsync(stop => Job(cluster, parsed).ListAsync(parsed.GetValue(most), parsed.GetValue(json), stop)));
        Examples.AddTo(command,
        [
            ("samovar cluster dead list", "list the dead letters of the cluster 'default' at the broker in SAMOVAR_BROKER"),
            ("samovar cluster dead list --json | jq '.[].reason'", "print their reasons"),
        ],
        """
        A message is a dead letter if a node could not verify it (another key, an altered message) or read it, or if it was delivered too
        often without an acknowledgement, which happens when a task kills its node. Dead letters are never dropped by themselves.
        """);
        return command;
    }

    private static Command CreateShow()
    {
        var cluster = new ClusterOptionSet();
        var id = new Argument<string>("ID") { Description = "The id of the dead letter, or its first digits." };
        var json = Json("Print a JSON object.");
        var command = ClusterCommand.With(new Command("show", "Shows a dead letter, with its tasks if the message can be verified."), cluster, json);
        command.Add(id);
        command.SetAction((parsed, _) => Interruption.RunAsync(stop => Job(cluster, parsed).ShowAsync(parsed.GetValue(id)!, parsed.GetValue(json), stop)));
        Examples.AddTo(command, [("samovar cluster dead show 3f9a", "show the dead letter whose id begins with 3f9a")]);
        return command;
    }

    private static Command CreateSettle(string name, DeadLetterAction action)
    {
        bool isRetry = action == DeadLetterAction.Retry;
        var cluster = new ClusterOptionSet();
        var ids = new Argument<string[]>("ID") { Description = "The ids of the dead letters, or their first digits.", Arity = ArgumentArity.ZeroOrMore };
        var all = new Option<bool>("--all") { Description = isRetry ? "Put all dead letters back." : "Remove all dead letters." };
        var command = ClusterCommand.With(
            new Command(name, isRetry ? "Puts dead letters back into their task queues." : "Removes dead letters for good."), cluster, all);
        command.Add(ids);
        command.SetAction((parsed, _) =>
        {
            string[] named = parsed.GetValue(ids) ?? [];
            bool isAll = parsed.GetValue(all);
            if (isAll == named.Length > 0) throw new UsageException($"{name} takes either ids or --all. 'samovar cluster dead list' shows the ids.");
            return Interruption.RunAsync(stop => Job(cluster, parsed).SettleAsync(isAll ? null : named, action, stop));
        });
        Examples.AddTo(command,
        [
            ($"samovar cluster dead {name} 3f9a 81c2", isRetry ? "put two dead letters back" : "remove two dead letters"),
            ($"samovar cluster dead {name} --all", isRetry ? "put all of them back" : "remove all of them"),
        ],
        isRetry
            ? """
              Repair the cause first, such as the key of a node: nodes that refused a message refuse it again. A task does not start twice, because
              the program that submitted it decides whether it starts. If that program has exited, its tasks do not start at all.
              """
            : """
              Tasks in a message that was removed stay queued at the program that submitted them, until it cancels them.
              """);
        return command;
    }

    private static DeadLetterJob Job(ClusterOptionSet cluster, ParseResult parsed) => new(cluster.Read(parsed), ClusterOutput.Standard);

    private static Option<bool> Json(string description) => new("--json") { Description = description };
}
