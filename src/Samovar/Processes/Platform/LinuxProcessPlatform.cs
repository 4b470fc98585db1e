using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;
using Samovar.Ipc.Channel;
using static Samovar.Processes.Platform.LinuxProcessCalls;

namespace Samovar.Processes.Platform;

/// <summary>Starts and watches processes with posix_spawn, pidfds and process groups.</summary>
[SupportedOSPlatform("linux")]
internal sealed class LinuxProcessPlatform : ProcessPlatform
{
    // PublicationOnly does not cache an exception: descriptors may be available the next time. A second pipe, if two threads race, does no harm.
    private readonly Lazy<LinuxLifeline> _lifeline = new(LinuxLifeline.Create, LazyThreadSafetyMode.PublicationOnly);

    private LinuxProcessPlatform()
    {
    }

    public static LinuxProcessPlatform Instance { get; } = new();

    public override string Lifeline => _lifeline.Value.Number.ToString(CultureInfo.InvariantCulture);

    public override IReadOnlyList<string> CommandLine
    {
        get
        {
            byte[] raw = File.ReadAllBytes("/proc/self/cmdline");
            return Encoding.UTF8.GetString(raw).TrimEnd('\0').Split('\0');
        }
    }

    public override WorkerProcess Start(ProcessStartSpec spec) => LinuxProcessStart.Start(spec);

    public override bool IsParent(int processId) => getppid() == processId;

    public override bool DieWith(int parentId, string lifeline, WorkerChannel channel)
    {
        // Create a process group if the starter did not (it does, but a re-executed single file may be started in another way).
        int group = Environment.ProcessId;
        if (getpgrp() != group) _ = setpgid(0, 0);
        LinuxTerminal.GiveUp();

        bool held = int.TryParse(lifeline, CultureInfo.InvariantCulture, out int number) && LinuxLifeline.Hold(parentId, number, group);
        if (!held) _ = prctl(DeathSignal, SigKill, 0, 0, 0); // weaker: it does not kill processes that the worker has started, see LinuxLifeline

        if (getppid() != parentId) return false;

        WatchParent(parentId);
        return true;
    }

    // A fallback in case the kernel's signal is lost: kills the group from within.
    private static void WatchParent(int parentId)
    {
        int pidfd = OpenPidfd(parentId);
        if (pidfd < 0) return; // a kernel before 5.3, or a sandbox: there is no fallback

        var thread = new Thread(() => KillGroupWithParent(pidfd), maxStackSize: 128 * 1024) { IsBackground = true, Name = "Samovar parent watch" };
        thread.Start();
    }

    private static unsafe void KillGroupWithParent(int pidfd)
    {
        var entry = new PollEntry { Descriptor = pidfd, Wanted = PollIn };
        while (poll(&entry, 1, -1) < 0 && Marshal.GetLastPInvokeError() == Eintr) continue;

        _ = kill(0, SigKill);
    }
}
