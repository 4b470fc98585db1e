using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Samovar.Processes.Platform;

namespace Samovar.Tests.Processes.Faults;

/// <summary>Work that ignores cancellation. It writes the ids of the processes that it started to a file, since it never returns.</summary>
[SupportedOSPlatform("linux")]
internal static class StubbornWork
{
    public static void Loop()
    {
        BusyWork.NeverEnds();
    }

    /// <summary>Starts two sleepers, one of which leaves the process group, ignores SIGTERM, opens the gate, and loops or stops itself.</summary>
    public static void WithChildren(string file, Gate started, bool stops)
    {
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, static signal => signal.Cancel = true);
        using var first = Process.Start("sleep", ["600"]);
        using var second = Process.Start("setsid", ["sleep", "600"]);
        File.WriteAllText(file, $"{first.Id} {second.Id}");
        started.Open();
        if (stops) _ = LinuxProcessCalls.kill(Environment.ProcessId, LinuxProcessCalls.SigStop);
        Loop();
    }
}
