using System.Runtime.Versioning;
using static Samovar.Processes.Platform.LinuxProcessCalls;

namespace Samovar.Processes.Platform;

/// <summary>The controlling terminal of a process.</summary>
[SupportedOSPlatform("linux")]
internal static class LinuxTerminal
{
    private const nuint Leave = 0x5422; // TIOCNOTTY

    /// <summary>Gives up the controlling terminal of this process, and thus of all that it starts. A worker is in a background group of its parent's
    /// terminal: a program that it starts and that reads the terminal, for a password for example, would be stopped (SIGTTIN); without a terminal
    /// the read is refused.</summary>
    public static void GiveUp()
    {
        int terminal = open("/dev/tty", ReadOnly | NonBlocking | CloseOnExec);
        if (terminal < 0) return; // it has none
        _ = ioctl(terminal, Leave);
        _ = close(terminal);
    }
}
