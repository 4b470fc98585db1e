using System.Runtime.InteropServices;

namespace Samovar.Benchmarks.SideBySide;

/// <summary>What ends a run before its time: Ctrl-C and SIGTERM.</summary>
internal static class Interruption
{
    private const int Interrupted = 130, Terminated = 143; // 128 and the signal's number

    /// <returns>The run's exit code, or the signal's.</returns>
    public static async Task<int> RunAsync(Func<CancellationToken, Task<int>> run)
    {
        using var stop = new CancellationTokenSource();
        int code = Interrupted;
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        try
        {
            return await run(stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return Volatile.Read(ref code);
        }

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            if (context.Signal == PosixSignal.SIGTERM) Volatile.Write(ref code, Terminated);
            stop.Cancel();
        }
    }
}
