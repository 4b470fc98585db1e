using System.CommandLine;
using Samovar.Cli.Tracing;

namespace Samovar.Cli.Commands;

/// <summary><c>samovar trace</c>: records a timeline of a running process.</summary>
internal static class TraceCommand
{
    private const string About = "Records a timeline of the executors of a running process, for Perfetto or chrome://tracing.";

    private const string Details =
        """
        The timeline has a lane for each worker, an arrow from the submission of each task through its runs to its completion, and the
        numbers of queued and running tasks. Only tasks that complete while it is recorded are in it. If there are more tasks than can be
        recorded, it says how many are missing.

        trace connects as ps does, so the same processes can be recorded. If the process is killed, the file has what it had written.

        Exit codes:
            0  the timeline was written, until Ctrl-C, the end of --duration or the end of the process
            2  there is no such process, it belongs to another user, or the file cannot be created
            6  the file cannot be written
            7  the process has no executors, or did not respond within 5 seconds
        """;

    public static Command Create()
    {
        var pid = new Argument<int>("PID")
        {
            Description = "The process to record.",
            CustomParser = static result => WholeNumbers.One(result, "PID", least: 1),
        };
        var output = new Option<string>("--output", "-o")
        {
            Description = "The file to write, which is replaced.",
            HelpName = "FILE",
            Required = true,
        };
        var duration = OptionValues.Time("--duration", "Record for this long, such as 10s or 2m. Without it, until Ctrl-C.");
        var command = new Command("trace", About) { pid, output, duration };
        command.SetAction((parsed, _) => Interruption.RunAsync(stop =>
            TraceJob.RunAsync(parsed.GetValue(pid), parsed.GetValue(output)!, parsed.GetValue(duration), stop)));
        Examples.AddTo(command,
        [
            ("samovar trace 4711 --output trace.json", "record process 4711 until Ctrl-C"),
            ("samovar trace 4711 -o trace.json --duration 10s", "record it for ten seconds"),
        ], Details);
        return command;
    }
}
