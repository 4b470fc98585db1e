using System.Runtime.InteropServices;

namespace Samovar.Stress.Cluster.Faults;

/// <summary>Sends signals to processes that the run has started.</summary>
internal static partial class Signals
{
    private const int Continue = 18;
    private const int Stop = 19;

    /// <summary>Stops a process for a time.</summary>
    public static async Task StopForAsync(int processId, TimeSpan time)
    {
        Send(processId, Stop);
        try
        {
            await Task.Delay(time).ConfigureAwait(false);
        }
        finally
        {
            Send(processId, Continue);
        }
    }

    private static void Send(int processId, int signal)
    {
        if (kill(processId, signal) != 0) throw new InvalidOperationException($"Process {processId} cannot be sent signal {signal}: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int processId, int signal);
}
