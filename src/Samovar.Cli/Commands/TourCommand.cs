using System.CommandLine;
using Samovar.Cli.Tour;

namespace Samovar.Cli.Commands;

/// <summary><c>samovar tour</c>: threads, processes, futures and the event loop, live, in a minute.</summary>
internal static class TourCommand
{
    public static Command Create()
    {
        var only = new Option<int[]>("--only")
        {
            Description = $"Only these lessons, 1 to {Lesson.Count}.",
            AllowMultipleArgumentsPerToken = true,
            HelpName = "NUMBER",
            CustomParser = static result => WholeNumbers.All(result, "--only", least: 1, Lesson.Count),
        };
        var realTime = new Option<bool>("--real-time") { Description = "Waits as long as the chapter says: a unit of time is a second." };
        var unit = new Option<int>("--unit")
        {
            Description = "How many milliseconds a unit of time takes where a lesson only waits.",
            DefaultValueFactory = static _ => (int)Guide.ShortUnit.TotalMilliseconds,
            HelpName = "MS",
            CustomParser = static result => WholeNumbers.One(result, "--unit", least: 1, most: 60_000),
        };
        var jobs = new Option<int>("--jobs")
        {
            Description = "How many small jobs lesson 6 does, each on a thread of its own.",
            DefaultValueFactory = static _ => 10_000,
            HelpName = "COUNT",
            CustomParser = static result => WholeNumbers.One(result, "--jobs", least: 1, most: 1_000_000),
        };
        var json = new Option<bool>("--json") { Description = "Write one JSON object a line instead: chapter, title, way, seconds, result, speedup." };
        var command = new Command("tour", "Shows threads, worker processes, futures and the event loop at work: the same job in several ways, timed on this machine.")
        {
            only, unit, realTime, jobs, json,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            CurrentFolder.Require(); // lessons start workers in it
            int[] numbers = parsed.GetValue(only) ?? [];
            Lesson[] lessons = [.. Lesson.MakeAll().Where(lesson => numbers.Length == 0 || numbers.Contains(lesson.Number))];
            TourOutput output = parsed.GetValue(json) ? new TourJson() : new TourText();
            bool isAsked = numbers.Length > 0 && output is TourText && !Console.IsInputRedirected;
            var timeUnit = parsed.GetValue(realTime) ? Guide.TrueUnit : TimeSpan.FromMilliseconds(parsed.GetValue(unit));
            await Guide.LeadAsync(lessons, output, timeUnit, parsed.GetValue(jobs), isAsked, cancellation);
            return ExitCode.Success;
        });
        Examples.AddTo(command,
        [
            ("samovar tour", "all lessons, about a minute"),
            ("samovar tour --only 8 --real-time", "one of them, as slow as life"),
            ("samovar tour --json | jq -c '[.way, .speedup]'", "figures for programs"),
        ]);
        return command;
    }
}
