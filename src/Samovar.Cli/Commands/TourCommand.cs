using System.CommandLine;
using Samovar.Cli.Tour;

namespace Samovar.Cli.Commands;

/// <summary><c>samovar tour</c>: the programs of the guide's chapter, one after another.</summary>
internal static class TourCommand
{
    public static Command Create()
    {
        var only = new Option<int[]>("--only")
        {
            Description = $"Only these programs, 1 to {ChapterProgram.Count}.",
            AllowMultipleArgumentsPerToken = true,
            HelpName = "NUMBER",
            CustomParser = static result => WholeNumbers.All(result, "--only", least: 1, ChapterProgram.Count),
        };
        var realTime = new Option<bool>("--real-time") { Description = "Programs 12 and 13 sleep by the system's clock, for seconds, and not by a virtual one." };
        var jobs = new Option<int>("--jobs")
        {
            Description = "How many small jobs program 6 does, each on a thread of its own.",
            DefaultValueFactory = static _ => 10_000,
            HelpName = "COUNT",
            CustomParser = static result => WholeNumbers.One(result, "--jobs", least: 1, most: 1_000_000),
        };
        var json = new Option<bool>("--json") { Description = "Write one JSON object a program instead, as it ends: chapter, title, program, seconds, exitCode, output." };
        var command = new Command(
            "tour",
            """
            Shows threads, worker processes, futures and the event loop at work: runs the programs of the guide, which do the same job in several ways and
            time it on this machine.

            Exit codes: 0 all ran to their end, 1 one failed, 130 Ctrl-C, 143 SIGTERM.
            """)
        {
            only, realTime, jobs, json,
        };
        command.SetAction((parsed, _) =>
        {
            CurrentFolder.Require(); // the programs run in it
            int[] numbers = parsed.GetValue(only) ?? [];
            ChapterProgram[] programs = [.. ChapterProgram.All().Where(program => numbers.Length == 0 || numbers.Contains(program.Number))];
            bool isJson = parsed.GetValue(json);
            bool isAsked = numbers.Length > 0 && !isJson && !Console.IsInputRedirected;
            var job = new TourJob(parsed.GetValue(jobs), parsed.GetValue(realTime), isAsked, isJson);
            return Interruption.RunAsync(stop => job.RunAsync(programs, stop));
        });
        Examples.AddTo(command,
        [
            ("samovar tour", "all programs, one after the other"),
            ("samovar tour --only 8", "one of them"),
            ("samovar tour --only 12 13 --real-time", "two of them, as slow as life"),
            ("samovar tour --json | jq -c '[.title, .seconds]'", "figures for programs"),
        ]);
        return command;
    }
}
