using System.Diagnostics;
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
    private static readonly TimeSpan s_timeToType = TimeSpan.FromMilliseconds(400);

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // it is read by programs, not put into pages
    };

    public async Task<int> RunAsync(IReadOnlyList<ChapterProgram> programs, CancellationToken cancellation)
    {
        int code = ExitCode.Success;
        foreach (ChapterProgram program in programs)
        {
            if (!isJson) Terminal.Write(console => console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"\n[bold]{program.Number} {program.Title}[/]: {program.Work}"));
            ChapterRun run = await RunAsync(program, cancellation);
            if (isJson) Console.Out.WriteLine(JsonSerializer.Serialize(run, s_json));
            if (run.ExitCode == 0) continue;
            await Console.Error.WriteLineAsync($"samovar: {program.Source} failed with exit code {run.ExitCode}.");
            code = ExitCode.ItemsFailed;
        }

        if (!isJson) Console.Out.WriteLine($"\n{Environment.ProcessorCount} cores. Each of these is a program of one file: dotnet run {programs[^1].Source}");
        return code;
    }

    private async Task<ChapterRun> RunAsync(ChapterProgram program, CancellationToken cancellation)
    {
        long began = Stopwatch.GetTimestamp();
        using Process process = Process.Start(new ProcessStartInfo(DotnetHost.Find(), ["exec", program.Assembly, .. Arguments(program.Number)])
        {
            UseShellExecute = false,
            RedirectStandardInput = !isAsked,
            RedirectStandardOutput = true,
        })!;
        try
        {
            Task typed = isAsked ? Task.CompletedTask : TypeAsync(program.Number, process.StandardInput, cancellation);
            var output = new List<string>();
            while (await process.StandardOutput.ReadLineAsync(cancellation) is { } line)
            {
                output.Add(line);
                if (!isJson) Console.Out.WriteLine($"  {line}");
            }

            await process.WaitForExitAsync(cancellation);
            double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
            await typed;
            return new(program.Number, program.Title, program.Source, seconds, process.ExitCode, output);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    private string[] Arguments(int program) => program switch
    {
        6 => [jobs.ToString(CultureInfo.InvariantCulture)],
        12 or 13 when isRealTime => ["real"],
        _ => [],
    };

    // Program 2 waits for a line; the others meet the end of their input.
    private static async Task TypeAsync(int program, StreamWriter keyboard, CancellationToken cancellation)
    {
        await using (keyboard)
        {
            if (program != 2) return;
            try
            {
                await Task.Delay(s_timeToType, cancellation);
                await keyboard.WriteLineAsync("samovar");
            }
            catch (Exception error) when (error is IOException or OperationCanceledException)
            {
                // The program has ended without it, or the caller ends it.
            }
        }
    }
}
