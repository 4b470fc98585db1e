using System.CommandLine;
using Samovar.Cli.Ps;

namespace Samovar.Cli.Commands;

/// <summary><c>samovar ps</c>: shows what the executors of a running process are doing.</summary>
internal static class PsCommand
{
    private const int Most = 100;

    private const string About =
        "Shows the executors of a running process, with their workers and tasks, or lists the processes that have executors.";

    private const string Details =
        """
        For an event loop, shows its groups and tasks, with the state of each and the line at which it awaits; for other executors, their
        workers and what each is running. A stuck loop is shown with the callback that blocks it.

        ps connects through the diagnostic port of the .NET runtime, which serves only the user that owns the process. Processes started
        with DOTNET_EnableDiagnostics=0 cannot be inspected.

        Exit codes:
            0  the process, or the list, was shown
            2  there is no such process, or it belongs to another user
            7  the process has no executors, or did not respond within 5 seconds
          130  interrupted by Ctrl-C
          143  terminated by SIGTERM
        """;

    public static Command Create()
    {
        var pid = new Argument<int?>("PID")
        {
            Description = "The process to show. Without a PID, lists the processes that have executors.",
            Arity = ArgumentArity.ZeroOrOne,
            CustomParser = static result => WholeNumbers.One(result, "PID", least: 1),
        };
        var most = new Option<int>("--most")
        {
            Description = "Show at most this many children of a node; the others are only counted.",
            DefaultValueFactory = static _ => Most,
            HelpName = "NUMBER",
            CustomParser = static result => WholeNumbers.One(result, "--most", least: 0),
        };
        var json = new Option<bool>("--json") { Description = "Print JSON: one object, or an array of objects without a PID." };
        var command = new Command("ps", About) { pid, most, json };
        command.SetAction((parsed, _) => Interruption.RunAsync(
            stop => parsed.GetValue(pid) is { } number
                ? PsJob.ShowAsync(number, parsed.GetValue(most), parsed.GetValue(json), stop)
                : PsJob.ListAsync(parsed.GetValue(json), stop)));
        Examples.AddTo(command,
        [
            ("samovar ps", "list the processes that have executors"),
            ("samovar ps 4711", "show the executors and tasks of process 4711"),
            ("samovar ps 4711 --most 10", "show at most 10 children of each node"),
            ("samovar ps 4711 --json | jq '.executors[].label'", "print the names of the executors"),
        ], Details);
        return command;
    }
}
