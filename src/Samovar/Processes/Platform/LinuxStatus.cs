using System.Globalization;

namespace Samovar.Processes.Platform;

/// <summary>Reads the kernel's figures about the memory of a process.</summary>
internal static class LinuxStatus
{
    private const string Unit = " kB";

    /// <summary>Returns a size from <c>/proc/…/status</c> in bytes; null if the process or the line does not exist.</summary>
    /// <param name="name">The beginning of the line, with the colon.</param>
    /// <param name="processId">The process; null for this process.</param>
    public static long? Read(string name, int? processId = null)
    {
        try
        {
            foreach (string line in File.ReadLines(processId is { } id ? string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/status") : "/proc/self/status"))
            {
                if (line.StartsWith(name, StringComparison.Ordinal) && line.EndsWith(Unit, StringComparison.Ordinal))
                    return long.Parse(line.AsSpan()[name.Length..^Unit.Length], NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture) * 1024;
            }
        }
        catch (IOException)
        {
            // Without /proc the size is unknown, and the caller uses another figure.
        }

        return null;
    }
}
