using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.Loader;
using Samovar.Primitives;

namespace Samovar.Serialization.Definitions;

/// <summary>The file from which a sender has loaded a module that is not one of the program's own, such as a plug-in.</summary>
/// <param name="Path">The full path.</param>
/// <param name="IsApart">Whether the sender loaded the module into a separate load context.</param>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
[UnconditionalSuppressMessage("SingleFile", "IL3000", Justification = CodeRequirements.MayHaveNoFile)]
internal sealed record ModuleFile(string Path, bool IsApart)
{
    /// <summary>Returns the file of an assembly; null if it has none.</summary>
    public static ModuleFile? Of(Assembly assembly) => assembly.Location.Length == 0 ? null
        : new ModuleFile(assembly.Location, AssemblyLoadContext.GetLoadContext(assembly) != AssemblyLoadContext.Default);

    /// <summary>Reads the module version id of a file without loading the file as an assembly.</summary>
    public static Guid BuildOf(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        using var image = new PEReader(file);
        var metadata = image.GetMetadataReader();
        return metadata.GetGuid(metadata.GetModuleDefinition().Mvid);
    }

    /// <summary>Loads the module into the same kind of load context as the sender did.</summary>
    /// <exception cref="BuildMismatchException">The file does not exist, contains another build, or an earlier build is already loaded.</exception>
    public Module Load(string name, Guid build)
    {
        try
        {
            var found = BuildOf(Path);
            if (found != build) throw new BuildMismatchException(name, build, found, Path);
            var module = (IsApart ? null : Shared(build)) ?? FolderContext.Of(Path).LoadFromAssemblyPath(Path).ManifestModule;
            if (module.ModuleVersionId == build) return module;

            // The runtime returns the assembly that it loaded from this path before.
            throw BuildMismatchException.OfReload(name, build, module.ModuleVersionId, module.Assembly.Location, null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or BadImageFormatException or InvalidOperationException)
        {
            throw e is FileLoadException && Earlier(name, build) is { } earlier
                ? BuildMismatchException.OfReload(name, build, earlier.ModuleVersionId, earlier.Assembly.Location, e)
                : new BuildMismatchException(name, build, null, Path, e);
        }
    }

    // A load context accepts only one assembly of each name, and all assemblies of a folder share one context.
    private Module? Earlier(string name, Guid build) => FolderContext.Of(Path).Assemblies
        .FirstOrDefault(assembly => string.Equals(assembly.GetName().Name, name, StringComparison.OrdinalIgnoreCase) && assembly.ManifestModule.ModuleVersionId != build)
        ?.ManifestModule;

    // Loads with Assembly.LoadFrom, as the sender did, so that dependencies are found in the same folder. Returns null if an assembly of that
    // name is already loaded.
    private Module? Shared(Guid build)
    {
        try
        {
            var module = Assembly.LoadFrom(Path).ManifestModule;
            return module.ModuleVersionId == build ? module : null;
        }
        catch (FileLoadException)
        {
            return null; // an assembly of that name but another version is loaded: the caller tries a separate load context
        }
    }
}
