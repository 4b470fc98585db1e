using System.Runtime.InteropServices;

namespace Samovar.Benchmarks.SideBySide;

/// <summary>What ends a run before its time: Ctrl-C, SIGTERM, and the end of whoever it is tied to, which is the end of its stdin.</summary>
internal static class Interruption
{
    private const int Interrupted = 130;

    /// <returns>The run's exit code, or 130.</returns>
    public static async Task<int> RunAsync(bool isTied, Func<CancellationToken, Task<int>> run)
    {
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        if (isTied) _ = StopAtEndOfInputAsync();
        try
        {
            return await run(stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return Interrupted;
        }

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }

        async Task StopAtEndOfInputAsync()
        {
            // Nothing is said on it; its end is what counts. Console.In would block whoever asks it.
            await Console.OpenStandardInput().CopyToAsync(Stream.Null);
            await stop.CancelAsync();
        }
    }
}
