using System.Text.Json;

namespace Samovar.Cli.Map.Targets;

/// <summary>Builds a project in Release, with its packages in the output folder, and finds its assembly.</summary>
internal static class ProjectBuild
{
    private static IEnumerable<string> Properties => BuiltProject.Wanted.Select(static property => $"-getProperty:{property}");

    /// <param name="project">The path of the project.</param>
    /// <param name="framework">The target framework to build for; null for the project's only one.</param>
    /// <param name="say">Called with a message before the build.</param>
    /// <param name="waits">Called with a message if the build has to wait for another one.</param>
    /// <param name="cancellation">Kills the build.</param>
    /// <returns>The path of the built assembly.</returns>
    /// <exception cref="UsageException">The build fails, or the project has several target frameworks and none is chosen.</exception>
    public static async Task<string> BuildAsync(string project, string? framework, Action<string> say, Action<string> waits, CancellationToken cancellation)
    {
        framework ??= await FrameworkAsync(project, cancellation);
        string place = Path.Combine(Path.GetDirectoryName(project)!, "obj", ".samovar.lock");
        using IDisposable turn = await EnterAsync(place, () => waits("waiting for another build…"), cancellation);
        say($"building {Path.GetFileName(project)}…");
        BuiltProject built = await RunAsync(project, framework, place, cancellation);
        if (built.TargetPath.Length == 0 && built.Frameworks is [var only]) built = await RunAsync(project, only, place, cancellation);
        return built.RequireAssembly(project);
    }

    // Building a project with several frameworks would build all of them. Querying its properties builds nothing, but takes half a second or more.
    private static async Task<string?> FrameworkAsync(string project, CancellationToken cancellation)
    {
        if (!MayBeForSeveral(project)) return null;
        string said = await DotnetBuild.RunAsync("msbuild", project, ["-nologo", "-p:Configuration=Release", .. Properties], turn: null, cancellation);
        return BuiltProject.Read(said).RequireFramework(project);
    }

    private static bool MayBeForSeveral(string project)
    {
        try
        {
            return File.ReadAllText(project).Contains("TargetFrameworks", StringComparison.OrdinalIgnoreCase);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // the build reports that the project cannot be read
        }
    }

    private static async Task<IDisposable> EnterAsync(string place, Action waits, CancellationToken cancellation)
    {
        try
        {
            return await BuildLock.EnterAsync(place, waits, cancellation);
        }
        catch (UsageException)
        {
            // The folder is not writable. A build that writes there fails with its own error; one that writes elsewhere needs no lock.
            return Stream.Null;
        }
    }

    private static async Task<BuiltProject> RunAsync(string project, string? framework, string turn, CancellationToken cancellation)
    {
        // By default, libraries leave their packages in the cache, where workers do not find them, and have no runtimeconfig.json with the
        // frameworks and settings of their project.
        string[] forOne = framework is null ? [] : ["--framework", framework];
        return BuiltProject.Read(await DotnetBuild.RunAsync(
            "build", project,
            ["-c", "Release", "-v", "quiet", .. forOne, "-p:CopyLocalLockFileAssemblies=true", "-p:GenerateRuntimeConfigurationFiles=true", "-t:Build", .. Properties],
            turn, cancellation));
    }
}

/// <summary>The properties of a project, as its build reports them.</summary>
/// <param name="TargetPath">The path of the built assembly; empty if several were built.</param>
/// <param name="Frameworks">The target frameworks, if the project lists several.</param>
internal sealed record BuiltProject(string TargetPath, IReadOnlyList<string> Frameworks)
{
    /// <summary>Gets the names of the properties to request.</summary>
    public static IReadOnlyList<string> Wanted { get; } = [nameof(TargetPath), "TargetFrameworks"];

    /// <summary>Reads the properties from the output of a build.</summary>
    /// <param name="said">The output, which may start with warnings: <c>{"Properties":{"TargetPath":"…","TargetFrameworks":"…"}}</c>.</param>
    public static BuiltProject Read(string said)
    {
        int start = said.StartsWith('{') ? 0 : said.IndexOf("\n{", StringComparison.Ordinal) + 1;
        using JsonDocument json = JsonDocument.Parse(said.AsMemory(start..(said.LastIndexOf('}') + 1)));
        string[] values = [.. Wanted.Select(property => json.RootElement.GetProperty("Properties").GetProperty(property).GetString() ?? "")];
        return new BuiltProject(values[0], values[1].Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>Returns the path of the built assembly.</summary>
    /// <exception cref="UsageException">The build produced several assemblies or no assembly.</exception>
    public string RequireAssembly(string project) =>
        TargetPath.Length == 0 && Frameworks.Count > 0 ? throw Several(project)
        : File.Exists(TargetPath) ? TargetPath
        : throw new UsageException($"{project} was built, but did not produce an assembly ('{TargetPath}').");

    /// <summary>Returns the framework to build for, before the build; null if the project does not list its frameworks.</summary>
    /// <exception cref="UsageException">The project lists several frameworks.</exception>
    public string? RequireFramework(string project) =>
        TargetPath.Length > 0 || Frameworks.Count == 0 ? null
        : Frameworks is [var only] ? only
        : throw Several(project);

    private UsageException Several(string project) =>
        new($"{project} has several target frameworks: {string.Join(", ", Frameworks)}. Choose one with --framework.");
}
