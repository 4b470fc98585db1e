using System.CommandLine;
using Samovar.Cli.Ps;

namespace Samovar.Cli.Commands;

/// <summary><c>samovar ps</c>: what the executors of a running process do.</summary>
internal static class PsCommand
{
    private const int Most = 100;

    private const string About =
        """
        Shows what a running process does: its event loops with their groups and tasks, the state of each and the line at which it awaits;
        its other executors with their workers and what those run. A loop that is stuck is shown too, with what holds it up. Without a
        PID it lists the processes of yours that can be asked.

        A process answers its own user alone, and opens nothing for it: it is asked through the diagnostic port of its runtime, which
        DOTNET_EnableDiagnostics=0 switches off.

        Exit codes: 0 shown, 2 no such process, or another user's, 7 it is no program with executors, or does not answer within 5 seconds,
        130 Ctrl-C, 143 SIGTERM.
        """;

    public static Command Create()
    {
        var pid = new Argument<int?>("PID")
        {
            Description = "The process; none to list them.",
            Arity = ArgumentArity.ZeroOrOne,
            CustomParser = static result => WholeNumbers.One(result, "PID", least: 1),
        };
        var most = new Option<int>("--most")
        {
            Description = "How many tasks of a group, or groups of a task, are shown; the others are counted.",
            DefaultValueFactory = static _ => Most,
            HelpName = "NUMBER",
            CustomParser = static result => WholeNumbers.One(result, "--most", least: 0),
        };
        var json = new Option<bool>("--json") { Description = "Write JSON instead of text: one object, of the list an array of them." };
        var command = new Command("ps", About) { pid, most, json };
        command.SetAction((parsed, _) => Interruption.RunAsync(
            stop => parsed.GetValue(pid) is { } number
                ? PsJob.ShowAsync(number, parsed.GetValue(most), parsed.GetValue(json), stop)
                : PsJob.ListAsync(parsed.GetValue(json), stop)));
        Examples.AddTo(command,
        [
            ("samovar ps", "which processes can be asked"),
            ("samovar ps 4711", "the tree of one"),
            ("samovar ps 4711 --most 10", "less of it"),
            ("samovar ps 4711 --json | jq '.executors[].label'", "for programs"),
        ]);
        return command;
    }
}
