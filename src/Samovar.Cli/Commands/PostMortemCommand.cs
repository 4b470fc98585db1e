using System.CommandLine;
using Samovar.Cli.PostMortems;

namespace Samovar.Cli.Commands;

/// <summary><c>samovar post-mortem</c>: shows what the workers of a program were doing when it crashed or was killed.</summary>
internal static class PostMortemCommand
{
    private const int Most = 64;

    private const string About =
        "Shows what the workers of a program were doing when it crashed or was killed, and their last tasks, or lists the programs that left records.";

    private const string Details =
        """
        Each worker process records its last 64 tasks in a file, which is deleted when the worker exits. If the program crashes or is killed, the
        files remain until they are removed, or for a week after another program has started workers. They are in /dev/shm, elsewhere in the
        temporary folder, or in the folder that the environment variable SAMOVAR_POST_MORTEM names; 'off' turns them off. A file can be copied and
        shown elsewhere. Times are in UTC.

        Exit codes:
            0  the records, or the list, were shown
            2  there are no such records, or they cannot be read
          130  interrupted by Ctrl-C
          143  terminated by SIGTERM
        """;

    public static Command Create()
    {
        var program = new Argument<string?>("PROGRAM")
        {
            HelpName = "PID|FILE",
            Description = "The process id of the program, running or not, or a file. Without it, lists the programs that have exited and left records.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var most = new Option<int>("--most")
        {
            Description = "Show at most this many tasks of a worker.",
            DefaultValueFactory = static _ => Most,
            HelpName = "NUMBER",
            CustomParser = static result => WholeNumbers.One(result, "--most", least: 1),
        };
        var json = new Option<bool>("--json") { Description = "Print JSON: one object, or an array of objects without a PID." };
        var remove = new Option<bool>("--remove") { Description = "Delete the records after they were shown." };
        var command = new Command("post-mortem", About) { program, most, json, remove };
        command.SetAction((parsed, _) => Interruption.RunAsync(_ => Task.FromResult(
            parsed.GetValue(program) is { } which
                ? PostMortemJob.Show(which, parsed.GetValue(most), parsed.GetValue(json), parsed.GetValue(remove))
                : PostMortemJob.List(parsed.GetValue(most), parsed.GetValue(json), parsed.GetValue(remove)))));
        Examples.AddTo(command,
        [
            ("samovar post-mortem", "list the programs that crashed or were killed"),
            ("samovar post-mortem 4711", "show what the workers of process 4711 were doing"),
            ("samovar post-mortem 4711 --most 5 --remove", "show the last five tasks of each worker, and delete the records"),
            ("samovar post-mortem --remove", "delete the records of all programs that have exited"),
        ], Details);
        return command;
    }
}
