namespace Samovar.Cli.Map.Targets;

/// <summary>A built assembly whose methods can be called.</summary>
/// <param name="Name">As the user named it.</param>
/// <param name="AssemblyPath">Full path.</param>
internal sealed record Target(string Name, string AssemblyPath)
{
    /// <summary>The runtime configuration that it was built with, where there is one that this runtime can take.</summary>
    public string? RuntimeConfiguration { get; } = Targets.RuntimeConfiguration.Find(AssemblyPath);
}
