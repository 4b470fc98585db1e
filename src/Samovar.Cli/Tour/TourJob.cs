using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Spectre.Console;

namespace Samovar.Cli.Tour;

/// <summary>One run of <c>samovar tour</c>: programs of the chapter, one after another.</summary>
/// <param name="jobs">How many small jobs program 6 does.</param>
/// <param name="isRealTime">Whether programs that sleep by a virtual clock sleep by the system's.</param>
/// <param name="isAsked">Whether a person who has chosen the programs sits at the keyboard.</param>
/// <param name="isJson">Whether each program is one object in JSON instead of its output.</param>
internal sealed class TourJob(int jobs, bool isRealTime, bool isAsked, bool isJson)
{
    /// <summary>How both kinds of tour write objects.</summary>
    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // it is read by programs, not put into pages
    };

    public async Task<int> RunAsync(IReadOnlyList<ChapterProgram> programs, CancellationToken cancellation)
    {
        int code = ExitCode.Success;
        foreach (ChapterProgram program in programs)
        {
            if (!isJson) WriteHeading(program);
            ChapterRun run = await RunAsync(program, cancellation);
            if (isJson) Console.Out.WriteLine(JsonSerializer.Serialize(run, Json));
            if (run.ExitCode == 0) continue;
            await Console.Error.WriteLineAsync($"samovar: {program.Source} failed with exit code {run.ExitCode}.");
            code = ExitCode.ItemsFailed;
        }

        if (!isJson) Console.Out.WriteLine($"\n{Environment.ProcessorCount} cores. Each of these is a program of one file: dotnet run {programs[^1].Source}");
        return code;
    }

    /// <summary>Writes the line that introduces a program to people.</summary>
    public static void WriteHeading(ChapterProgram program) =>
        Terminal.Write(console => console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"\n[bold]{program.Number} {program.Title}[/]: {program.Work}"));

    private async Task<ChapterRun> RunAsync(ChapterProgram program, CancellationToken cancellation)
    {
        var process = new ChapterProcess(DotnetHost.Find(), ["exec", program.Assembly, .. Arguments(program.Number)])
        {
            ReadsKeyboard = isAsked,
            TypedLine = program.TypedLine,
        };
        ProcessResult result = await process.RunAsync(
            line =>
            {
                if (!isJson) Console.Out.WriteLine($"  {line}");
            },
            cancellation);
        return new(program.Number, program.Title, program.Source, result.Seconds, result.ExitCode!.Value, result.Output); // there is no time limit
    }

    private string[] Arguments(int program) => program switch
    {
        6 => [jobs.ToString(CultureInfo.InvariantCulture)],
        12 or 13 when isRealTime => ["real"],
        _ => [],
    };
}
