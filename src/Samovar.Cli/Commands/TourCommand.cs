using System.CommandLine;
using Samovar.Cli.Tour;

namespace Samovar.Cli.Commands;

/// <summary><c>samovar tour</c>: runs the programs of the guide, one after another.</summary>
internal static class TourCommand
{
    private const string Details =
        """
        Exit codes:
            0  all programs succeeded
            1  a program failed
            3  python3 for --beside-python is missing or too old
          130  interrupted by Ctrl-C
          143  terminated by SIGTERM
        """;

    public static Command Create()
    {
        var only = new Option<int[]>("--only")
        {
            Description = $"Run only these programs, 1 to {ChapterProgram.Count}.",
            AllowMultipleArgumentsPerToken = true,
            HelpName = "NUMBER",
            CustomParser = static result => WholeNumbers.All(result, "--only", least: 1, ChapterProgram.Count),
        };
        var realTime = new Option<bool>("--real-time") { Description = "Run programs 12 and 13 in real time, for seconds, instead of virtual time." };
        var jobs = new Option<int>("--jobs")
        {
            Description = "Number of jobs of program 6, each of which has its own thread.",
            DefaultValueFactory = static _ => 10_000,
            HelpName = "COUNT",
            CustomParser = static result => WholeNumbers.One(result, "--jobs", least: 1, most: 1_000_000),
        };
        var besidePython = new Option<bool>("--beside-python")
        {
            Description = "Run the Python program of each lesson too, in turn with Samovar's, and print both outputs and times. Takes some minutes and "
                + "needs python3 in PATH. Programs 12 and 13 run in real time.",
        };
        var json = new Option<bool>("--json")
        {
            Description = "Print a JSON object for each program: chapter, title, program, seconds, exitCode, output. With --beside-python, print one for "
                + "each lesson: chapter, title, and samovar and python with program, seconds, exitCode, output and the reason for missing seconds.",
        };
        var command = new Command(
            "tour",
            "Runs the programs of the guide, which do the same job with threads, processes, futures and an event loop, and times them.")
        {
            only, realTime, jobs, besidePython, json,
        };
        command.SetAction((parsed, _) =>
        {
            CurrentFolder.Require(); // the programs run in it
            int[] numbers = parsed.GetValue(only) ?? [];
            ChapterProgram[] programs = [.. ChapterProgram.All().Where(program => numbers.Length == 0 || numbers.Contains(program.Number))];
            bool isJson = parsed.GetValue(json);
            bool isAsked = numbers.Length > 0 && !isJson && !Console.IsInputRedirected;
            int smallJobs = parsed.GetValue(jobs);
            var tour = new TourJob(smallJobs, parsed.GetValue(realTime), isAsked, isJson);
            bool isBesidePython = parsed.GetValue(besidePython);
            return Interruption.RunAsync(async stop => isBesidePython
                ? await new ComparisonJob(await PythonInterpreter.FindAsync(stop), smallJobs, isJson).RunAsync(programs, stop)
                : await tour.RunAsync(programs, stop));
        });
        Examples.AddTo(command,
        [
            ("samovar tour", "run all programs, one after the other"),
            ("samovar tour --only 8", "run one program"),
            ("samovar tour --only 12 13 --real-time", "run two programs in real time"),
            ("samovar tour --beside-python --only 8", "run one program in C# and in Python"),
            ("samovar tour --json | jq -c '[.title, .seconds]'", "print the time of each program"),
        ], Details);
        return command;
    }
}
