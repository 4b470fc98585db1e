using System.Diagnostics;
using Samovar.Ipc.Channel;
using Samovar.Ipc.Platform.Portable;

namespace Samovar.Processes.Platform;

/// <summary>
/// Starts processes with <see cref="Process"/>, on systems without posix_spawn and pidfds, and for SAMOVAR_CHANNEL=portable.
/// </summary>
internal sealed class PortableProcessPlatform : ProcessPlatform
{
    private PortableProcessPlatform()
    {
    }

    public static PortableProcessPlatform Instance { get; } = new();

    /// <summary>A placeholder: the socket of the channel is the lifeline.</summary>
    public override string Lifeline => "-";

    public override IReadOnlyList<string> CommandLine => OperatingSystem.IsLinux() ? LinuxProcessPlatform.Instance.CommandLine : [];

    public override WorkerProcess Start(ProcessStartSpec spec) => PortableWorkerProcess.Start(spec);

    public override bool IsParent(int processId) => !OperatingSystem.IsLinux() || LinuxProcessPlatform.Instance.IsParent(processId);

    public override bool DieWith(int parentId, string lifeline, WorkerChannel channel)
    {
        if (!IsParent(parentId)) return false;

        _ = EndWithParentAsync(channel);
        return true;
    }

    private static async Task EndWithParentAsync(WorkerChannel channel)
    {
        await channel.PeerGone.ConfigureAwait(false);
        channel.RemoveNames();
        FileSegment.RemoveAllNames(); // the names of this worker's own pools
        using var self = Process.GetCurrentProcess();
        PortableWorkerProcess.KillDescendants(self);
        self.Kill();
    }
}
