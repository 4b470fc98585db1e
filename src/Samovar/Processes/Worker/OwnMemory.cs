using Samovar.Processes.Platform;

namespace Samovar.Processes.Worker;

/// <summary>Measures the private memory of this process.</summary>
internal static class OwnMemory
{
    /// <summary>The bytes in use that no other process shares: on Linux neither shared memory nor mapped files count; elsewhere, the working
    /// set.</summary>
    public static long Bytes =>
        (OperatingSystem.IsLinux() ? LinuxStatus.Read("RssAnon:") : null) ?? Environment.WorkingSet;
}
