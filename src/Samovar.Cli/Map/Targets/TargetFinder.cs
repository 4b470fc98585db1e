namespace Samovar.Cli.Map.Targets;

/// <summary>Makes a <see cref="Target"/> of what the user named: a C# file, a project, a folder with one, or a built assembly.</summary>
internal static class TargetFinder
{
    /// <summary>Builds where that is needed.</summary>
    /// <param name="name">As the user named it.</param>
    /// <param name="framework">Of a project for several; null for its only one.</param>
    /// <param name="say">Gets a line before a build.</param>
    /// <param name="waits">Gets a line where another build goes first.</param>
    /// <param name="cancellation">Ends the build.</param>
    /// <exception cref="UsageException">There is no such target, or it does not build.</exception>
    public static async Task<Target> FindAsync(string name, string? framework, Action<string> say, Action<string> waits, CancellationToken cancellation)
    {
        string path = name.Length == 0 ? "" : Path.GetFullPath(name); // the framework refuses an empty one
        if (Directory.Exists(path)) path = ProjectIn(name, path);
        if (!File.Exists(path))
            throw new UsageException($"There is no target '{name}'. A target is a C# file, a project or a built assembly (.dll).");

        string extension = Path.GetExtension(path).ToLowerInvariant();
        bool isProject = extension is ".csproj" or ".fsproj" or ".vbproj";
        if (framework is not null && !isProject) throw new UsageException($"--framework is for a project, and {name} is none.");
        string assembly = extension switch
        {
            ".cs" => await new SourceFileBuild(path).BuildAsync(say, waits, cancellation),
            _ when isProject => await ProjectBuild.BuildAsync(path, framework, say, waits, cancellation),
            ".dll" => path,
            _ when File.Exists(path + ".dll") => path + ".dll", // a program by its launcher's name
            ".exe" when File.Exists(Path.ChangeExtension(path, ".dll")) => Path.ChangeExtension(path, ".dll"),
            _ => throw new UsageException(
                $"'{name}' is no target: a target is a C# file (.cs), a project (.csproj) or a built assembly (.dll)."),
        };
        return new Target(name, assembly);
    }

    private static string ProjectIn(string name, string folder) =>
        Directory.GetFiles(folder, "*.*proj") switch
        {
            [var one] => one,
            [] => throw new UsageException($"The folder '{name}' holds no project. Name a C# file, a project or a built assembly."),
            var several => throw new UsageException(
                $"The folder '{name}' holds several projects, name one: {string.Join(", ", several.Select(Path.GetFileName))}."),
        };
}
