using System.Globalization;
using System.Text;

namespace Samovar.Cli.Attaching;

/// <summary>Finds the folders in which runtimes open their diagnostic ports: the temporary folder of each process, from the environment with which it
/// was started.</summary>
internal static class PortFolders
{
    private const string Standard = "/tmp/"; // unless TMPDIR is set

    /// <summary>Returns the folders that may hold the port of a process.</summary>
    public static IReadOnlyList<string> Of(int pid)
    {
        string own = Path.GetTempPath();
        return FolderOf(pid) is { } folder && Path.TrimEndingDirectorySeparator(folder) != Path.TrimEndingDirectorySeparator(own) ? [own, folder] : [own];
    }

    /// <summary>Returns the folders that may hold ports of this user's processes.</summary>
    public static IReadOnlyCollection<string> All()
    {
        var folders = new HashSet<string>(StringComparer.Ordinal) { Path.TrimEndingDirectorySeparator(Path.GetTempPath()) };
        if (!OperatingSystem.IsLinux()) return folders;
        foreach (string process in Directory.GetDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(process), NumberStyles.None, CultureInfo.InvariantCulture, out int pid) && FolderOf(pid) is { } folder)
                folders.Add(Path.TrimEndingDirectorySeparator(folder));
        }

        return folders;
    }

    /// <summary>Returns the temporary folder of a process; null if the system does not report it to this user.</summary>
    private static string? FolderOf(int pid)
    {
        if (!OperatingSystem.IsLinux()) return null;
        try
        {
            string environment = Encoding.UTF8.GetString(File.ReadAllBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/environ")));
            string? variable = environment.Split('\0')
                .FirstOrDefault(static text => text.StartsWith("TMPDIR=", StringComparison.Ordinal))?["TMPDIR=".Length..];
            // A relative TMPDIR is relative to the process's working directory.
            return string.IsNullOrEmpty(variable)
                ? Standard
                : Path.Combine(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/cwd"), variable);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null; // the process has exited, or belongs to another user
        }
    }
}
