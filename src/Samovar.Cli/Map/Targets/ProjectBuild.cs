using System.Text.Json;

namespace Samovar.Cli.Map.Targets;

/// <summary>Builds a project in Release, with its packages beside it, and finds its assembly.</summary>
internal static class ProjectBuild
{
    /// <param name="project">Its path.</param>
    /// <param name="framework">Of a project for several, the one to build for; null for its only one.</param>
    /// <param name="say">Gets a line before the build.</param>
    /// <param name="cancellation">Ends the build.</param>
    /// <returns>The path of the built assembly.</returns>
    /// <exception cref="MistakeException">It does not build, or it is not said for which framework.</exception>
    public static async Task<string> BuildAsync(string project, string? framework, Action<string> say, CancellationToken cancellation)
    {
        using IDisposable turn = await BuildLock.EnterAsync(BuildCache.FolderOf("projects.lock"), () => say("waiting for another build…"), cancellation);
        say($"building {Path.GetFileName(project)}…");

        // Libraries leave their packages in the cache unless told, and workers could not find them; nor do they have a file with the
        // frameworks and settings of their project.
        string[] forOne = framework is null ? [] : ["--framework", framework];
        string said = await DotnetBuild.RunAsync(
            project,
            ["-c", "Release", "-v", "quiet", .. forOne, "-p:CopyLocalLockFileAssemblies=true", "-p:GenerateRuntimeConfigurationFiles=true", "-t:Build",
                "-getProperty:TargetPath", "-getProperty:TargetFrameworks"],
            cancellation);
        (string path, string frameworks) = Read(said);
        if (File.Exists(path)) return path;
        throw new MistakeException(path.Length == 0 && frameworks.Length > 0
            ? $"{project} is for several frameworks: {string.Join(", ", frameworks.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))}. Name one with --framework."
            : $"{project} has built, but brought no assembly ('{path}').");
    }

    // Warnings may stand before the object.
    private static (string TargetPath, string TargetFrameworks) Read(string said)
    {
        int start = said.StartsWith('{') ? 0 : said.IndexOf("\n{", StringComparison.Ordinal) + 1;
        using JsonDocument json = JsonDocument.Parse(said.AsMemory(start..(said.LastIndexOf('}') + 1)));
        JsonElement properties = json.RootElement.GetProperty("Properties");
        return (properties.GetProperty("TargetPath").GetString() ?? "", properties.GetProperty("TargetFrameworks").GetString() ?? "");
    }
}
