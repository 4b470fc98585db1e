using System.Globalization;

namespace Samovar.Processes.Platform;

/// <summary>Finds the dumps that the runtime of a process writes when it crashes, if its environment enables them
/// (<c>DOTNET_DbgEnableMiniDump</c>).</summary>
internal static class CrashDumps
{
    private const string Enabling = "DbgEnableMiniDump";
    private const string Naming = "DbgMiniDumpName";

    // In the order in which the runtime checks them.
    private static readonly string[] s_prefixes = ["DOTNET_", "COMPlus_"];

    /// <summary>Makes the name that the program has chosen for its own dump unique for each of its workers: absolute, and with the process
    /// id.</summary>
    public static void NameByProcess(Dictionary<string, string> environment)
    {
        foreach (string prefix in s_prefixes)
        {
            if (!environment.TryGetValue(prefix + Naming, out string? name) || name.Length == 0) continue;
            if (!Path.IsPathRooted(name) && Directory.Exists(".")) name = Path.GetFullPath(name);
            environment[prefix + Naming] = HasProcess(name) ? name : $"{name}.%p";
        }
    }

    /// <summary>Returns the path of the dump of a process that has exited; null if it wrote none.</summary>
    /// <param name="environment">The environment with which the process was started.</param>
    /// <param name="processId">The id of the process.</param>
    /// <param name="since">When the process was started: an older file belongs to another process with the same id.</param>
    public static string? FileOf(IReadOnlyDictionary<string, string> environment, int processId, DateTime since)
    {
        if (Value(environment, Enabling) is not { } enabled || enabled.Trim('0').Length == 0) return null;
        string name = Value(environment, Naming) ?? Path.Combine(environment.GetValueOrDefault("TMPDIR") is { Length: > 0 } temporary ? temporary : "/tmp", "coredump.%p");
        string directory = Path.GetDirectoryName(name) ?? "";
        if (directory.Contains('%', StringComparison.Ordinal) || !Directory.Exists(directory)) return null;
        string pattern = PatternOf(Path.GetFileName(name), processId);
        try
        {
            return new DirectoryInfo(directory).EnumerateFiles(pattern).Where(file => file.LastWriteTimeUtc >= since).MaxBy(static file => file.LastWriteTimeUtc)?.FullName;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null; // the directory cannot be read: the error is reported without the name of the dump
        }
    }

    private static string? Value(IReadOnlyDictionary<string, string> environment, string name) =>
        Array.ConvertAll(s_prefixes, prefix => environment.GetValueOrDefault(prefix + name)).FirstOrDefault(static value => !string.IsNullOrEmpty(value));

    private static bool HasProcess(string name) => PatternOf(name, 0) != PatternOf(name, 1);

    /// <summary>Returns a search pattern for a dump's name: the runtime replaces %p and %d by the process id, and other placeholders by values that
    /// are unknown here.</summary>
    private static string PatternOf(string name, int processId)
    {
        string[] parts = name.Split("%%");
        string id = processId.ToString(CultureInfo.InvariantCulture);
        for (int i = 0; i < parts.Length; i++)
        {
            parts[i] = parts[i].Replace("%p", id, StringComparison.Ordinal).Replace("%d", id, StringComparison.Ordinal)
                .Replace("%e", "*", StringComparison.Ordinal).Replace("%h", "*", StringComparison.Ordinal).Replace("%t", "*", StringComparison.Ordinal);
        }

        return string.Join('%', parts);
    }
}
