using System.Diagnostics;
using System.Text;

namespace Samovar.Cli.Tour;

/// <summary>A process that runs one program of the chapter. It is killed, with the processes that it has started, when the caller cancels or its time
/// is up.</summary>
/// <param name="file">The executable that runs the program: <c>dotnet</c> or <c>python3</c>.</param>
/// <param name="arguments">The executable's arguments: the program, and the program's own.</param>
internal sealed class ChapterProcess(string file, IEnumerable<string> arguments)
{
    private static readonly TimeSpan s_timeToType = TimeSpan.FromMilliseconds(400);

    /// <summary>Whether the program reads the user's keyboard. Otherwise its input is <see cref="TypedLine"/>.</summary>
    public bool ReadsKeyboard { get; init; }

    /// <summary>A line that is written to the program's input 0.4 s after its start; null for an empty input.</summary>
    public string? TypedLine { get; init; }

    /// <summary>Whether standard error becomes part of the result. Otherwise the program writes to the tool's own.</summary>
    public bool CapturesErrors { get; init; }

    /// <summary>The encoding of what the program writes; null for the system's.</summary>
    public Encoding? Encoding { get; init; }

    /// <summary>How long the program may run; infinite by default.</summary>
    public TimeSpan TimeLimit { get; init; } = Timeout.InfiniteTimeSpan;

    /// <summary>Runs the program until it exits or its time is up.</summary>
    /// <param name="onLine">Receives each line of standard output as it arrives.</param>
    /// <param name="cancellation">Kills the program.</param>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was cancelled.</exception>
    public async Task<ProcessResult> RunAsync(Action<string> onLine, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        stop.CancelAfter(TimeLimit);
        var output = new List<string>();
        long began = Stopwatch.GetTimestamp();
        using Process process = Process.Start(new ProcessStartInfo(file, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = !ReadsKeyboard,
            RedirectStandardOutput = true,
            RedirectStandardError = CapturesErrors,
            StandardOutputEncoding = Encoding,
            StandardErrorEncoding = CapturesErrors ? Encoding : null,
        })!;
        try
        {
            Task typed = ReadsKeyboard ? Task.CompletedTask : TypeAsync(process.StandardInput, stop.Token);
            Task<string> errors = CapturesErrors ? process.StandardError.ReadToEndAsync(stop.Token) : Task.FromResult("");
            while (await process.StandardOutput.ReadLineAsync(stop.Token) is { } line)
            {
                output.Add(line);
                onLine(line);
            }

            await process.WaitForExitAsync(stop.Token);
            double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
            await typed;
            return new(seconds, process.ExitCode, output, await errors);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new(Stopwatch.GetElapsedTime(began).TotalSeconds, ExitCode: null, output, Errors: ""); // its time is up; the result says so
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
                await process.WaitForExitAsync(CancellationToken.None);
            }
        }
    }

    private async Task TypeAsync(StreamWriter keyboard, CancellationToken cancellation)
    {
        await using (keyboard)
        {
            if (TypedLine is null) return;
            try
            {
                await Task.Delay(s_timeToType, cancellation);
                await keyboard.WriteLineAsync(TypedLine);
            }
            catch (Exception error) when (error is IOException or OperationCanceledException)
            {
                // The program exited without reading the line, or is about to be killed.
            }
        }
    }
}
