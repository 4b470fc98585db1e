using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Samovar.Primitives;

namespace Samovar.Processes.Protocol;

/// <summary>Identifies one build of a module: an assembly and the id that its compiler assigned.</summary>
/// <param name="Assembly">The full name of the assembly.</param>
/// <param name="Version">The module version id (MVID).</param>
[UnconditionalSuppressMessage("SingleFile", "IL3000", Justification = CodeRequirements.MayHaveNoFile)]
[UnconditionalSuppressMessage("SingleFile", "IL3002", Justification = "The name of the module is used only for an assembly without a name.")]
internal sealed record ModuleId(string Assembly, Guid Version)
{
    /// <summary>The id of Samovar's own module.</summary>
    public static ModuleId Samovar { get; } = Of(typeof(ModuleId).Module);

    public static ModuleId Of(Module module) => new(module.Assembly.FullName ?? module.Name, module.ModuleVersionId);

    /// <summary>Loads the module in this process.</summary>
    /// <exception cref="WorkerStartException">The module on disk is another build.</exception>
    /// <exception cref="IOException">The module was not found.</exception>
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
