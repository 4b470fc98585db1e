using System.Globalization;

namespace Samovar.Cli;

/// <summary>Checks how many files this process may have open.</summary>
internal static class OpenFiles
{
    /// <summary>The lowest limit that the tool accepts. With one worker, the tool and the runtime have about 90 files open; with a lower limit
    /// they fail part way, without an error message.</summary>
    public const int Fewest = 128;

    private const string Line = "Max open files";

    /// <summary>Returns what is wrong with the limit; null if it is high enough or unknown. Loads no further assembly.</summary>
    public static string? FindMistake()
    {
        if (!OperatingSystem.IsLinux()) return null;
        try
        {
            return FindMistake(File.ReadAllText("/proc/self/limits"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // no /proc; a later failure reports its own cause
        }
    }

    /// <summary>Returns what is wrong with the limit in the given text of <c>/proc/self/limits</c>.</summary>
    public static string? FindMistake(string limits)
    {
        int start = limits.IndexOf(Line, StringComparison.Ordinal);
        if (start < 0) return null;
        string[] words = limits[(start + Line.Length)..].Split(' ', 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return words is [var soft, ..] && int.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out int most) && most < Fewest
            ? $"The limit of {most} open files is too low: the tool needs at least {Fewest}. "
                + "Raise the hard limit where it is set: ulimit -n, LimitNOFILE of the service, or the container's limit."
            : null;
    }
}
