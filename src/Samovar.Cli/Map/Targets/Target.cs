namespace Samovar.Cli.Map.Targets;

/// <summary>A built assembly whose methods can be called.</summary>
/// <param name="Name">The target as given on the command line.</param>
/// <param name="AssemblyPath">The full path of the assembly.</param>
internal sealed record Target(string Name, string AssemblyPath)
{
    /// <summary>Gets the runtime configuration of its workers: the one with which it was built, or the runtime's defaults. The tool's own settings
    /// do not suit other code, because they disable cultures.</summary>
    public string RuntimeConfiguration { get; } = Targets.RuntimeConfiguration.Find(AssemblyPath) ?? Targets.RuntimeConfiguration.OfLibraries;
}
