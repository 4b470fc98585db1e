using System.Reflection;

namespace Samovar.Processes.Protocol;

/// <summary>Names one build of one module: an assembly and the id that its compiler gave it.</summary>
/// <param name="Assembly">The assembly's full name.</param>
/// <param name="Version">Module version id (MVID).</param>
internal sealed record ModuleId(string Assembly, Guid Version)
{
    /// <summary>Samovar's own.</summary>
    public static ModuleId Samovar { get; } = Of(typeof(ModuleId).Module);

    public static ModuleId Of(Module module) => new(module.Assembly.FullName ?? module.Name, module.ModuleVersionId);

    /// <summary>Loads the module in this process.</summary>
    /// <exception cref="WorkerStartException">There is one, of another build.</exception>
    /// <exception cref="IOException">There is none.</exception>
    public Module Load()
    {
        if (this == Samovar) return typeof(ModuleId).Module;

        Module module = System.Reflection.Assembly.Load(new AssemblyName(Assembly)).ManifestModule;
        if (module.ModuleVersionId != Version)
        {
            throw new WorkerStartException(
                $"{Assembly} at {module.Assembly.Location} was rebuilt while its program runs: the program has build {Version}, on disk is " +
                $"{module.ModuleVersionId}. Restart the program.");
        }

        return module;
    }
}
