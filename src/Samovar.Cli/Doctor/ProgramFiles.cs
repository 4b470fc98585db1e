namespace Samovar.Cli.Doctor;

/// <summary>Finds programs in PATH, as a shell does.</summary>
internal static class ProgramFiles
{
    // Servers are installed here; a user's PATH often lacks these folders.
    private static readonly string[] s_systemFolders = OperatingSystem.IsWindows() ? [] : ["/usr/sbin", "/usr/local/sbin"];

    private static readonly string[] s_endings = OperatingSystem.IsWindows() ? [".exe", ".cmd", ".bat", ""] : [""];

    public static string? Find(string name)
    {
        IEnumerable<string> folders = (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Concat(s_systemFolders);
        return folders
            .SelectMany(folder => s_endings.Select(ending => Path.Combine(folder, name + ending)))
            .FirstOrDefault(IsProgram);
    }

    private static bool IsProgram(string path)
    {
        const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        return File.Exists(path)
            && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & Executable) != UnixFileMode.None);
    }
}
