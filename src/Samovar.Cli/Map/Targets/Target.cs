namespace Samovar.Cli.Map.Targets;

/// <summary>A built assembly whose methods can be called.</summary>
/// <param name="Name">As the user named it.</param>
/// <param name="AssemblyPath">Full path.</param>
internal sealed record Target(string Name, string AssemblyPath)
{
    /// <summary>The runtime configuration that its workers run under: the one that it was built with, or the runtime's defaults. The tool's own
    /// settings are not for other code: it does without cultures.</summary>
    public string RuntimeConfiguration { get; } = Targets.RuntimeConfiguration.Find(AssemblyPath) ?? Targets.RuntimeConfiguration.OfLibraries;
}
