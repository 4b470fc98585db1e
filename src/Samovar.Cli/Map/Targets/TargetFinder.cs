namespace Samovar.Cli.Map.Targets;

/// <summary>Creates the <see cref="Target"/> for a C# file, a project, a folder with a project, or a built assembly.</summary>
internal static class TargetFinder
{
    /// <summary>Finds the target, and builds it if necessary.</summary>
    /// <param name="name">The target as given on the command line.</param>
    /// <param name="framework">The target framework of a project; null for its only one.</param>
    /// <param name="say">Called with a message before a build.</param>
    /// <param name="waits">Called with a message if the build has to wait for another one.</param>
    /// <param name="cancellation">Kills the build.</param>
    /// <exception cref="UsageException">There is no such target, or its build fails.</exception>
    public static async Task<Target> FindAsync(string name, string? framework, Action<string> say, Action<string> waits, CancellationToken cancellation)
    {
        string path = name.Length == 0 ? "" : Path.GetFullPath(name); // the framework throws for an empty path
        if (Directory.Exists(path)) path = ProjectIn(name, path);
        if (!File.Exists(path))
            throw new UsageException($"There is no target '{name}'. A target is a C# file, a project or a built assembly (.dll).");

        string extension = Path.GetExtension(path).ToLowerInvariant();
        bool isProject = extension is ".csproj" or ".fsproj" or ".vbproj";
        if (framework is not null && !isProject) throw new UsageException($"--framework applies only to projects, and {name} is not a project.");
        string assembly = extension switch
        {
            ".cs" => await new SourceFileBuild(path).BuildAsync(say, waits, cancellation),
            _ when isProject => await ProjectBuild.BuildAsync(path, framework, say, waits, cancellation),
            ".dll" => path,
            _ when File.Exists(path + ".dll") => path + ".dll", // a program, named by its launcher
            ".exe" when File.Exists(Path.ChangeExtension(path, ".dll")) => Path.ChangeExtension(path, ".dll"),
            _ => throw new UsageException(
                $"'{name}' is not a valid target. A target is a C# file (.cs), a project (.csproj) or a built assembly (.dll)."),
        };
        return new Target(name, assembly);
    }

    private static string ProjectIn(string name, string folder) =>
        Directory.GetFiles(folder, "*.*proj") switch
        {
            [var one] => one,
            [] => throw new UsageException($"The folder '{name}' has no project. Name a C# file, a project or a built assembly."),
            var several => throw new UsageException(
                $"The folder '{name}' has several projects. Name one of them: {string.Join(", ", several.Select(Path.GetFileName))}."),
        };
}
