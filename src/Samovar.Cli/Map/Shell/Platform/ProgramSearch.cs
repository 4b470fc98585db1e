namespace Samovar.Cli.Map.Shell.Platform;

/// <summary>Finds programs as a shell does: a name with a slash is a path, any other name is searched in PATH.</summary>
internal static class ProgramSearch
{
    private const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Returns the path of a program.</summary>
    /// <exception cref="CommandStartException">It does not exist, or is not executable.</exception>
    public static string Find(string name)
    {
        if (name.Length == 0) throw new CommandStartException("the name of the program is empty", cannotRun: true);
        if (name.Contains('/') || OperatingSystem.IsWindows() && name.Contains('\\')) return Check(name, name);
        string? refused = null;
        foreach (string folder in (Environment.GetEnvironmentVariable("PATH") ?? "/usr/local/bin:/usr/bin:/bin").Split(Path.PathSeparator))
        {
            foreach (string ending in OperatingSystem.IsWindows() ? (string[])["", ".exe", ".cmd", ".bat"] : [""])
            {
                string path = Path.Combine(folder.Length == 0 ? "." : folder, name + ending);
                if (!File.Exists(path)) continue;
                if (IsExecutable(path)) return path;
                refused ??= path;
            }
        }

        throw new CommandStartException(refused is null ? $"there is no program '{name}' in PATH" : $"{refused} is not executable", cannotRun: true);
    }

    private static string Check(string name, string path) =>
        Directory.Exists(path) ? throw new CommandStartException($"{name} is a folder", cannotRun: true)
        : !File.Exists(path) ? throw new CommandStartException($"there is no program {name}", cannotRun: true)
        : IsExecutable(path) ? path
        : throw new CommandStartException($"{name} is not executable", cannotRun: true);

    private static bool IsExecutable(string path) => OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & Executable) != UnixFileMode.None;
}
