using System.Runtime.InteropServices;

namespace Samovar.Cluster.Programs;

/// <summary>Names systems and processors, because the files of a program may be for one of them.</summary>
internal static class RuntimePlatform
{
    /// <summary>The system and the processor of this process, for example <c>linux-x64</c>.</summary>
    public static string Current { get; } = $"{System}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";

    private static string System => OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "macos" : OperatingSystem.IsLinux() ? "linux" : "other";
}
