using System.Runtime.InteropServices;

namespace Samovar.Cli;

/// <summary>Lets Ctrl-C and SIGTERM end a command with all that it has opened and started.</summary>
internal static class Interruption
{
    /// <returns>The exit code of the work, or of the signal that ended it.</returns>
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
            return Volatile.Read(ref code); // it says what has ended the work
        }

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            if (signal.Signal == PosixSignal.SIGTERM) Volatile.Write(ref code, ExitCode.Terminated);
            stop.Cancel();
        }
    }
}
