using System.Globalization;

namespace Samovar.Cli;

/// <summary>How many files this process may have open.</summary>
internal static class OpenFiles
{
    /// <summary>The tool and the runtime have some ninety open when one worker runs; below that they fail in the middle of something, without a word.</summary>
    public const int Fewest = 128;

    private const string Line = "Max open files";

    /// <summary>What is wrong with the limit; null for nothing, also where it is not known. Needs no assembly that is not loaded yet.</summary>
    public static string? FindMistake()
    {
        if (!OperatingSystem.IsLinux()) return null;
        try
        {
            return FindMistake(File.ReadAllText("/proc/self/limits"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // without /proc; what fails later says why
        }
    }

    /// <summary>The same, for the text of <c>/proc/self/limits</c>.</summary>
    public static string? FindMistake(string limits)
    {
        int start = limits.IndexOf(Line, StringComparison.Ordinal);
        if (start < 0) return null;
        string[] words = limits[(start + Line.Length)..].Split(' ', 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return words is [var soft, ..] && int.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out int most) && most < Fewest
            ? $"This process may have {most} files open, and the tool needs at least {Fewest}. Raise the hard limit where it is set: ulimit -n, a service's LimitNOFILE, or the container's."
            : null;
    }
}
