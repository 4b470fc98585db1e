using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.Loader;

namespace Samovar.Serialization.Definitions;

/// <summary>The file that a sender has loaded a module from which is none of the program's own, such as a plug-in.</summary>
/// <param name="Path">Full path.</param>
/// <param name="IsApart">Whether the sender has it in a load context of its own.</param>
internal sealed record ModuleFile(string Path, bool IsApart)
{
    /// <summary>The file of a module; null where it has none.</summary>
    public static ModuleFile? Of(Assembly assembly) => assembly.Location.Length == 0 ? null
        : new ModuleFile(assembly.Location, AssemblyLoadContext.GetLoadContext(assembly) != AssemblyLoadContext.Default);

    /// <summary>The module version id in a file, of which nothing is loaded.</summary>
    public static Guid BuildOf(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        using var image = new PEReader(file);
        var metadata = image.GetMetadataReader();
        return metadata.GetGuid(metadata.GetModuleDefinition().Mvid);
    }

    /// <summary>Loads it as the sender has.</summary>
    /// <exception cref="BuildMismatchException">It is not there, or of another build, or an earlier one is loaded.</exception>
    public Module Load(string name, Guid build)
    {
        try
        {
            var found = BuildOf(Path);
            if (found != build) throw new BuildMismatchException(name, build, found, Path);
            var module = (IsApart ? null : Shared(build)) ?? FolderContext.Of(Path).LoadFromAssemblyPath(Path).ManifestModule;
            if (module.ModuleVersionId == build) return module;
            throw BuildMismatchException.OfReload(name, build, module.ModuleVersionId, module.Assembly.Location, null); // the runtime gives a file that it has loaded before
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or BadImageFormatException or InvalidOperationException)
        {
            throw e is FileLoadException && Earlier(name, build) is { } earlier
                ? BuildMismatchException.OfReload(name, build, earlier.ModuleVersionId, earlier.Assembly.Location, e)
                : new BuildMismatchException(name, build, null, Path, e);
        }
    }

    // A context takes no second assembly of a name, and the assemblies of a folder share one.
    private Module? Earlier(string name, Guid build) => FolderContext.Of(Path).Assemblies
        .FirstOrDefault(assembly => string.Equals(assembly.GetName().Name, name, StringComparison.OrdinalIgnoreCase) && assembly.ManifestModule.ModuleVersionId != build)
        ?.ManifestModule;

    // As Assembly.LoadFrom does it for the sender: what it needs is found beside it. Null where there is another assembly of its name already.
    private Module? Shared(Guid build)
    {
        try
        {
            var module = Assembly.LoadFrom(Path).ManifestModule;
            return module.ModuleVersionId == build ? module : null;
        }
        catch (FileLoadException)
        {
            return null; // the one of its name is of another version: this one is loaded apart, or fails there
        }
    }
}
