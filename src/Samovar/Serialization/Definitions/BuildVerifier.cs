using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.Loader;
using Samovar.Primitives;

namespace Samovar.Serialization.Definitions;

/// <summary>Finds the module that a sender refers to: only a module with the same module version id is accepted.</summary>
/// <remarks>
/// An assembly name in a message only selects where to look: among the loaded assemblies and those that belong to the program (its trusted
/// platform assemblies). A message never causes another file to be loaded, with one exception: a worker loads the files that its own parent
/// has loaded (<see cref="ModuleFile"/>), after verifying that the file contains the same build.
/// </remarks>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
[UnconditionalSuppressMessage("SingleFile", "IL3000", Justification = CodeRequirements.MayHaveNoFile)]
internal static class BuildVerifier
{
    private static readonly ConcurrentDictionary<object, WeakReference<Module>> found = new();

    // The file of each of the program's assemblies, by simple name; null if only the name is known.
    private static readonly Lazy<ConcurrentDictionary<string, string?>> programs = new(FilesOfTheProgram);

    /// <summary>
    /// Adds assemblies that belong to the program although the host does not list them. A worker that was started without the program's
    /// dependency file gets their names from its parent and resolves them with its own handler.
    /// </summary>
    /// <param name="names">The simple names of the assemblies.</param>
    public static void Trust(IEnumerable<string> names)
    {
        foreach (string name in names) programs.Value.TryAdd(name, null);
    }

    /// <summary>Whether the host of this program lists the assembly, so that every worker has it without help from its parent.</summary>
    public static bool IsOfTheProgram(Assembly assembly) =>
        programs.Value.TryGetValue(assembly.GetName().Name ?? "", out string? file) && file is not null
        && (assembly.Location.Length == 0 || string.Equals(assembly.Location, file, StringComparison.Ordinal)); // empty in a single-file program

    /// <summary>Whether the program's copy of an assembly is the same build as the given file.</summary>
    public static bool IsOfTheProgram(string name, string path) =>
        programs.Value.TryGetValue(name, out string? file) && file is not null && File.Exists(file) && ModuleFile.BuildOf(file) == ModuleFile.BuildOf(path);

    /// <summary>Finds or loads the module of exactly this build.</summary>
    /// <param name="name">The simple name of the assembly.</param>
    /// <param name="build">The module version id that the sender runs.</param>
    /// <param name="visible">The assemblies to search; null for those of the process.</param>
    /// <param name="file">The file that may be loaded; null if only the program's own assemblies may be loaded.</param>
    /// <exception cref="BuildMismatchException">This process has no such assembly, or another build of it.</exception>
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
                break; // a copy in a plug-in's load context is used only if there is no other
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
