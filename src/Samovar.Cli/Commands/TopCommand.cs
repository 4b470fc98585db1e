using System.CommandLine;
using Samovar.Cli.Map.Outputs;
using Samovar.Cli.Top;

namespace Samovar.Cli.Commands;

/// <summary><c>samovar top</c>: watches the executors of a running process.</summary>
internal static class TopCommand
{
    private const int Rate = 2;

    private const int HighestRate = 20;

    /// <summary>As many characters as a picture of a busy program has, so that each is written, and wakes its reader, once.</summary>
    private const int LongestLine = 64 * 1024;

    private const string About = "Watches the executors of a running process: rates, queues, running tasks, workers, functions, and advice.";

    private const string Details =
        """
        On a terminal, redraws the picture in place until the program exits, and then says how it exited. Press q or Ctrl-C to stop.
        Elsewhere, writes each picture as text, or with --json as one document a line.

        The program records its tasks only while it is watched, so functions and their times count from the start of watching; the
        counts of executors are those since they were created. Rates are averages of three seconds. A reader that is too slow gets
        fewer pictures, and does not slow the program down.

        top connects as ps does, through the diagnostic port of the .NET runtime, which serves only the user that owns the process. It
        changes nothing in the program. docs/reference/watch-protocol.md describes the JSON.

        Exit codes:
            0  the process exited, or was watched until q; with --once, the picture was shown
            2  there is no such process, or it belongs to another user, or no process was chosen
            7  the process has no executors, or did not respond within 5 seconds
          130  interrupted by Ctrl-C
          141  the reader of the output closed the pipe
          143  terminated by SIGTERM
        """;

    public static Command Create()
    {
        var pid = new Argument<int?>("PID")
        {
            Description = "The process to watch. Without a PID, lists the processes that have executors, to choose from.",
            Arity = ArgumentArity.ZeroOrOne,
            CustomParser = static result => WholeNumbers.One(result, "PID", least: 1),
        };
        var rate = new Option<int>("--rate")
        {
            Description = $"Show this many pictures a second, at most {HighestRate}.",
            DefaultValueFactory = static _ => Rate,
            HelpName = "NUMBER",
            CustomParser = static result => WholeNumbers.One(result, "--rate", least: 1, HighestRate),
        };
        var once = new Option<bool>("--once") { Description = "Show one picture, and exit. It is taken after one interval, so that it has rates." };
        var json = new Option<bool>("--json") { Description = "Print JSON: one picture a line." };
        var command = new Command("top", About) { pid, rate, once, json };
        command.SetAction((parsed, _) => Interruption.RunAsync(async stop =>
        {
            bool isJson = parsed.GetValue(json), isOnce = parsed.GetValue(once);
            if (isJson && parsed.GetValue(pid) is null) throw new UsageException("--json needs a PID. 'samovar ps' lists the processes that have executors.");
            int number = parsed.GetValue(pid) ?? await ProcessChoice.ChooseAsync("top", stop);
            await using var output = new OutputWriter(new StreamWriter(StandardOutput.Open(), bufferSize: LongestLine) { AutoFlush = true }); // notices that a pipe was closed
            using var view = isJson ? new JsonTopView(output) : !isOnce && Terminal.HasCursorOnOutput ? new LiveTopView() : (TopView)new TextTopView(output);
            return await new TopJob(number, parsed.GetValue(rate), isOnce, view).RunAsync(stop);
        }));
        Examples.AddTo(command,
        [
            ("samovar top 4711", "watch process 4711"),
            ("samovar top", "choose one of the processes that have executors"),
            ("samovar top 4711 --once", "show one picture"),
            ("samovar top 4711 --json | jq -c '.executors[] | [.name, .queued]'", "print queue lengths twice a second"),
        ], Details);
        return command;
    }
}
