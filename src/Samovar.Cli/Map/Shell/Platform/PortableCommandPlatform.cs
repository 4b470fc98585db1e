using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Samovar.Cli.Map.Shell.Platform;

/// <summary>Runs commands with <see cref="Process"/>, on any system. A command that is terminated is killed at once, with its descendants; its exit
/// code is 128 plus the signal's number where a signal killed it.</summary>
internal sealed class PortableCommandPlatform : CommandPlatform
{
    private const int Missing = 2; // ENOENT, and ERROR_FILE_NOT_FOUND
    private const int Denied = 13; // EACCES
    private const int DeniedOnWindows = 5; // ERROR_ACCESS_DENIED

    public override CommandEnd Run(CommandStart start, CapturedOutput.SpanAction output, CapturedOutput.SpanAction errors, CancellationToken cancellation) =>
        RunAsync(start, output, errors, cancellation).GetAwaiter().GetResult();

    private static async Task<CommandEnd> RunAsync(CommandStart start, CapturedOutput.SpanAction output, CapturedOutput.SpanAction errors, CancellationToken cancellation)
    {
        string[] words = start.Nice == 0 ? [start.Program, .. start.Words[1..]]
            : ["nice", "-n", start.Nice.ToString(CultureInfo.InvariantCulture), start.Program, .. start.Words[1..]];
        using Process process = Start(words);
        process.StandardInput.Close();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (start.Timeout is { } timeout) limit.CancelAfter(timeout);
        using CancellationTokenRegistration registration = limit.Token.UnsafeRegister(static p => Kill((Process)p!), process);
        Task reading = Task.WhenAll(PassAsync(process.StandardOutput.BaseStream, output), PassAsync(process.StandardError.BaseStream, errors));
        try
        {
            await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
            Kill(process); // what it left behind, where the system still knows it
            await reading.ConfigureAwait(false);
        }
        catch
        {
            Kill(process);
            throw; // the output cannot be kept
        }

        return new CommandEnd(process.ExitCode, null, limit.IsCancellationRequested && !cancellation.IsCancellationRequested);
    }

    private static Process Start(string[] words)
    {
        var info = new ProcessStartInfo(words[0], words[1..])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            return Process.Start(info)!;
        }
        catch (Win32Exception error)
        {
            throw new CommandStartException($"{words[0]} could not be started: {error.Message}", error.NativeErrorCode is Missing or Denied or DeniedOnWindows);
        }
    }

    private static async Task PassAsync(Stream stream, CapturedOutput.SpanAction take)
    {
        byte[] buffer = new byte[16 * 1024];
        while (await stream.ReadAsync(buffer).ConfigureAwait(false) is var count and > 0) take(buffer.AsSpan(0, count));
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It has exited.
        }
    }
}
