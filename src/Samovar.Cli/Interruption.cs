using System.Runtime.InteropServices;

namespace Samovar.Cli;

/// <summary>Turns Ctrl-C and SIGTERM into cancellation, so that a command closes what it has opened and stops what it has started.</summary>
internal static class Interruption
{
    /// <returns>The exit code of <paramref name="work"/>, or that of the signal that cancelled it.</returns>
    public static async Task<int> RunAsync(Func<CancellationToken, Task<int>> work)
    {
        using var stop = new CancellationTokenSource();
        int code = ExitCode.Interrupted;
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        try
        {
            return await work(stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return Volatile.Read(ref code);
        }

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            if (signal.Signal == PosixSignal.SIGTERM) Volatile.Write(ref code, ExitCode.Terminated);
            stop.Cancel();
        }
    }
}
