using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.Loader;

namespace Samovar.Serialization.Definitions;

/// <summary>Finds the module that a sender means: the one with the same module version id, and no other.</summary>
/// <remarks>
/// A name in the data only says where to look: among loaded assemblies and among those that belong to the program (its trusted platform
/// assemblies). Nothing else is ever loaded because a message asks for it, with one exception: a worker loads what its own parent has loaded
/// (<see cref="ModuleFile"/>), and first looks whether the file holds the very build.
/// </remarks>
internal static class BuildVerifier
{
    private static readonly ConcurrentDictionary<object, WeakReference<Module>> found = new();

    // By simple name, the file; null where it is known by its name only.
    private static readonly Lazy<ConcurrentDictionary<string, string?>> programs = new(FilesOfTheProgram);

    /// <summary>
    /// Adds assemblies that belong to the program though its host does not list them: a worker that was started without the program's
    /// dependency file is told them by its parent, and resolves them by a handler of its own.
    /// </summary>
    /// <param name="names">Simple names.</param>
    public static void Trust(IEnumerable<string> names)
    {
        foreach (string name in names) programs.Value.TryAdd(name, null);
    }

    /// <summary>Whether the host of this program lists the assembly, so that every worker has it of itself.</summary>
    public static bool IsOfTheProgram(Assembly assembly) =>
        programs.Value.TryGetValue(assembly.GetName().Name ?? "", out string? file) && file is not null
        && (assembly.Location.Length == 0 || string.Equals(assembly.Location, file, StringComparison.Ordinal)); // in a single-file program none has a file

    /// <summary>Whether the program has the same build of an assembly as a file holds.</summary>
    public static bool IsOfTheProgram(string name, string path) =>
        programs.Value.TryGetValue(name, out string? file) && file is not null && File.Exists(file) && ModuleFile.BuildOf(file) == ModuleFile.BuildOf(path);

    /// <summary>The module of exactly this build.</summary>
    /// <param name="name">Simple name of the assembly.</param>
    /// <param name="build">Module version id that the sender runs.</param>
    /// <param name="visible">The assemblies to look among; null for those of the process.</param>
    /// <param name="file">Where it may be loaded from; null where only the program's own may be.</param>
    public static Module Find(string name, Guid build, IReadOnlyCollection<Assembly>? visible = null, ModuleFile? file = null)
    {
        if (visible is null && found.TryGetValue(build, out var weak) && weak.TryGetTarget(out var known)) return known;

        var among = visible ?? AppDomain.CurrentDomain.GetAssemblies();
        var module = Loaded(among, build) ?? file?.Load(name, build) ?? LoadOwn(among, name, build);
        if (module.ModuleVersionId != build)
            throw new BuildMismatchException(name, build, module.ModuleVersionId, module.Assembly.IsDynamic ? null : module.Assembly.Location);
        if (visible is null) found[build] = new WeakReference<Module>(module);
        return module;
    }

    private static ConcurrentDictionary<string, string?> FilesOfTheProgram()
    {
        var files = new ConcurrentDictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        string paths = AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") as string ?? "";
        foreach (string path in paths.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
            files.TryAdd(Path.GetFileNameWithoutExtension(path), path);
        return files;
    }

    private static Module? Loaded(IReadOnlyCollection<Assembly> among, Guid build)
    {
        Module? match = null;
        foreach (var assembly in among)
        {
            if (assembly.IsDynamic || assembly.ManifestModule.ModuleVersionId != build) continue;
            match = assembly.ManifestModule;
            if (AssemblyLoadContext.GetLoadContext(assembly) == AssemblyLoadContext.Default)
                break; // a copy in a plug-in's context is taken only if there is no other
        }

        return match;
    }

    private static Module LoadOwn(IReadOnlyCollection<Assembly> among, string name, Guid build)
    {
        if (programs.Value.ContainsKey(name))
        {
            try
            {
                return AssemblyLoadContext.Default.LoadFromAssemblyName(new AssemblyName { Name = name }).ManifestModule;
            }
            catch (Exception e) when (e is IOException or BadImageFormatException)
            {
                throw new BuildMismatchException(name, build, null, null, e);
            }
        }

        foreach (var assembly in among)
        {
            if (!assembly.IsDynamic && string.Equals(assembly.GetName().Name, name, StringComparison.OrdinalIgnoreCase))
                return assembly.ManifestModule;
        }

        throw new BuildMismatchException(name, build, null, null);
    }
}
