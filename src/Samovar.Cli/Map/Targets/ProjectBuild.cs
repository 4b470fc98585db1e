using System.Text.Json;

namespace Samovar.Cli.Map.Targets;

/// <summary>Builds a project in Release, with its packages beside it, and finds its assembly.</summary>
internal static class ProjectBuild
{
    private static IEnumerable<string> Properties => BuiltProject.Wanted.Select(static property => $"-getProperty:{property}");

    /// <param name="project">Its path.</param>
    /// <param name="framework">Of a project for several, the one to build for; null for its only one.</param>
    /// <param name="say">Gets a line before the build.</param>
    /// <param name="waits">Gets a line where another build goes first.</param>
    /// <param name="cancellation">Ends the build.</param>
    /// <returns>The path of the built assembly.</returns>
    /// <exception cref="UsageException">It does not build, or it is not said for which framework.</exception>
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

    // A project for several is built for all of them before the build can say so. Asking builds nothing, but takes half a second or more.
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
            return false; // the build says that it cannot be read
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
            return Stream.Null; // a build that writes there too says what it cannot write; one that writes elsewhere goes without a turn
        }
    }

    private static async Task<BuiltProject> RunAsync(string project, string? framework, string turn, CancellationToken cancellation)
    {
        // Libraries leave their packages in the cache unless told, and workers could not find them; nor do they have a file with the
        // frameworks and settings of their project.
        string[] forOne = framework is null ? [] : ["--framework", framework];
        return BuiltProject.Read(await DotnetBuild.RunAsync(
            "build", project,
            ["-c", "Release", "-v", "quiet", .. forOne, "-p:CopyLocalLockFileAssemblies=true", "-p:GenerateRuntimeConfigurationFiles=true", "-t:Build", .. Properties],
            turn, cancellation));
    }
}

/// <summary>What a build of a project says of it.</summary>
/// <param name="TargetPath">Of the built assembly; empty where several were built.</param>
/// <param name="Frameworks">Those that a project for several names.</param>
internal sealed record BuiltProject(string TargetPath, IReadOnlyList<string> Frameworks)
{
    /// <summary>The properties that are to be asked for.</summary>
    public static IReadOnlyList<string> Wanted { get; } = [nameof(TargetPath), "TargetFrameworks"];

    /// <param name="said">The answer, before which warnings may stand: <c>{"Properties":{"TargetPath":"…","TargetFrameworks":"…"}}</c>.</param>
    public static BuiltProject Read(string said)
    {
        int start = said.StartsWith('{') ? 0 : said.IndexOf("\n{", StringComparison.Ordinal) + 1;
        using JsonDocument json = JsonDocument.Parse(said.AsMemory(start..(said.LastIndexOf('}') + 1)));
        string[] values = [.. Wanted.Select(property => json.RootElement.GetProperty("Properties").GetProperty(property).GetString() ?? "")];
        return new BuiltProject(values[0], values[1].Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>The path of the one assembly that was built.</summary>
    /// <exception cref="UsageException">There are several, or there is none.</exception>
    public string RequireAssembly(string project) =>
        TargetPath.Length == 0 && Frameworks.Count > 0 ? throw Several(project)
        : File.Exists(TargetPath) ? TargetPath
        : throw new UsageException($"{project} has built, but brought no assembly ('{TargetPath}').");

    /// <summary>The framework to build for, of a project that is not built yet; null where it names none in a list.</summary>
    /// <exception cref="UsageException">There are several.</exception>
    public string? RequireFramework(string project) =>
        TargetPath.Length > 0 || Frameworks.Count == 0 ? null
        : Frameworks is [var only] ? only
        : throw Several(project);

    private UsageException Several(string project) =>
        new($"{project} is for several frameworks: {string.Join(", ", Frameworks)}. Name one with --framework.");
}
