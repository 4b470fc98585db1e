using System.Globalization;

namespace Samovar.Processes.Platform;

/// <summary>What the kernel says about a process's memory.</summary>
internal static class LinuxStatus
{
    private const string Unit = " kB";

    /// <summary>A size in <c>/proc/…/status</c>, in bytes; null where there is no such process or line.</summary>
    /// <param name="name">The line's beginning, with the colon.</param>
    /// <param name="processId">Whose; null for this process.</param>
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
            // Without /proc it is not known, and the caller takes what it has instead.
        }

        return null;
    }
}
