using System.Globalization;
using System.Text;

namespace Samovar.Cli.Ps;

/// <summary>The folders in which runtimes open their diagnostic ports: the temporary folder of each process, by the environment it was started with.</summary>
internal static class PortFolders
{
    private const string Standard = "/tmp/"; // where TMPDIR does not say otherwise

    /// <summary>Where the port of a process may be.</summary>
    public static IReadOnlyList<string> Of(int pid)
    {
        string own = Path.GetTempPath();
        return FolderOf(pid) is { } folder && Path.TrimEndingDirectorySeparator(folder) != Path.TrimEndingDirectorySeparator(own) ? [own, folder] : [own];
    }

    /// <summary>Where this user's processes have their ports.</summary>
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

    /// <summary>The temporary folder of a process; null where the system does not tell, or not this user.</summary>
    private static string? FolderOf(int pid)
    {
        if (!OperatingSystem.IsLinux()) return null;
        try
        {
            string environment = Encoding.UTF8.GetString(File.ReadAllBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/environ")));
            string? told = environment.Split('\0').FirstOrDefault(static variable => variable.StartsWith("TMPDIR=", StringComparison.Ordinal))?["TMPDIR=".Length..];
            return string.IsNullOrEmpty(told) ? Standard : Path.Combine(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/cwd"), told); // which may be relative
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null; // it has ended, or is another user's
        }
    }
}
