namespace Samovar.Cli.Map.Targets;

/// <summary>Builds a project in Release, with its packages beside it, and finds its assembly.</summary>
internal static class ProjectBuild
{
    public static async Task<string> BuildAsync(string project, CancellationToken cancellation)
    {
        // Libraries leave their packages in the cache unless told, and workers could not find them; nor do they have a file with the
        // frameworks and settings of their project.
        string said = await DotnetBuild.RunAsync(
            project,
            ["-c", "Release", "-v", "quiet", "-p:CopyLocalLockFileAssemblies=true", "-p:GenerateRuntimeConfigurationFiles=true",
                "-t:Build", "-getProperty:TargetPath"],
            cancellation);
        string? path = said.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).LastOrDefault();
        return path is not null && File.Exists(path)
            ? path
            : throw new MistakeException($"{project} has built, but brought no assembly ('{path}'). A project for several frameworks "
                + "has several: name one of the built .dll files.");
    }
}
