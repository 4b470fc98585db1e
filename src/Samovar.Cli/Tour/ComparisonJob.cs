using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Samovar.Cli.Tour;

/// <summary>One run of <c>samovar tour --beside-python</c>: each lesson of the chapter by Samovar's program, then by Python's.</summary>
/// <param name="python">What runs Python's programs.</param>
/// <param name="jobs">How many small jobs lesson 6 does.</param>
/// <param name="isJson">Whether each lesson is one object in JSON instead of both outputs and a table.</param>
internal sealed class ComparisonJob(PythonInterpreter python, int jobs, bool isJson)
{
    // The longest lesson, 7, takes Python about 50 s on two cores and 90 s on four or more.
    private static readonly TimeSpan s_timeLimit = TimeSpan.FromMinutes(5);

    public async Task<int> RunAsync(IReadOnlyList<ChapterProgram> programs, CancellationToken cancellation)
    {
        var lessons = new List<LessonRun>();
        foreach (ChapterProgram program in programs)
        {
            if (!isJson) TourJob.WriteHeading(program);
            LessonRun lesson = await RunAsync(program, cancellation);
            if (isJson) Console.Out.WriteLine(JsonSerializer.Serialize(lesson, TourJob.Json));
            lessons.Add(lesson);
        }

        if (!isJson) WriteTable(lessons);
        return lessons.Exists(static lesson => lesson.Samovar.HasFailed || lesson.Python.HasFailed) ? ExitCode.ItemsFailed : ExitCode.Success;
    }

    private async Task<LessonRun> RunAsync(ChapterProgram program, CancellationToken cancellation)
    {
        using var server = new LessonServer(program.Number);
        string[] arguments = program.Number == 6 ? [jobs.ToString(CultureInfo.InvariantCulture)] : server.Arguments;
        string[] clock = program.Number is 12 or 13 ? ["real"] : []; // Python has no virtual one

        SideRun samovar = await RunAsync(
            "Samovar", program.Source, new(DotnetHost.Find(), ["exec", program.Assembly, .. arguments, .. clock])
            {
                TypedLine = program.TypedLine,
                CapturesErrors = true,
                TimeLimit = s_timeLimit,
            },
            cancellation);
        if (program is not { Python: { } script, PythonSource: { } source })
            return new(program.Number, program.Title, samovar, SideRun.Missing("examples/chapter/python has no program for this lesson"));

        SideRun other = await RunAsync(
            "Python", source, new(python.File, ["-u", "-X", "utf8", script, .. arguments])
            {
                TypedLine = program.TypedLine,
                CapturesErrors = true,
                Encoding = Encoding.UTF8,
                TimeLimit = s_timeLimit,
            },
            cancellation);
        return new(program.Number, program.Title, samovar, other);
    }

    private async Task<SideRun> RunAsync(string side, string program, ChapterProcess process, CancellationToken cancellation)
    {
        if (!isJson) Console.Out.WriteLine($"  {side}");
        ProcessResult result = await process.RunAsync(
            line =>
            {
                if (!isJson) Console.Out.WriteLine($"    {line}");
            },
            cancellation);
        SideRun run = SideRun.Of(program, result, process.TimeLimit);
        if (!isJson && run.Seconds is { } seconds) Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"    took {seconds:0.00} s"));
        if (result.Errors.Length > 0) await Console.Error.WriteLineAsync(result.Errors.TrimEnd());
        if (run.HasFailed) await Console.Error.WriteLineAsync($"samovar: {program} {run.Reason}.");
        return run;
    }

    private void WriteTable(IReadOnlyList<LessonRun> lessons)
    {
        Console.Out.WriteLine();
        foreach (string line in ComparisonTable.Lines(lessons)) Console.Out.WriteLine(line);
        Console.Out.WriteLine($"\n{Environment.ProcessorCount} cores, .NET {Environment.Version}, Python {python.Version}.");
        Console.Out.WriteLine("Each time is that of a whole program, its start included. The ratio is Python's time divided by Samovar's.");
    }
}
