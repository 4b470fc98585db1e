using System.ComponentModel;
using System.Diagnostics;

namespace Samovar.Cli.Dashboard;

/// <summary>Opens a link in the user's browser.</summary>
internal static class Browser
{
    /// <summary>Opens a link, where there is a desktop. Errors are not reported: the link is printed as well.</summary>
    public static void Open(string link)
    {
        if (!OperatingSystem.IsMacOS() && !HasDisplay()) return;
        try
        {
            var start = new ProcessStartInfo(OperatingSystem.IsMacOS() ? "open" : "xdg-open", [link]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
            using var opener = Process.Start(start);
        }
        catch (Win32Exception)
        {
            // The program is not installed; the user opens the printed link.
        }
    }

    private static bool HasDisplay() =>
        !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("DISPLAY")) || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("WAYLAND_DISPLAY"));
}
