using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace Samovar.Serialization.Definitions;

/// <summary>Assemblies of one folder that are apart from the program's: each uses its neighbours there, and the program's where they are the same.</summary>
internal sealed class FolderContext : AssemblyLoadContext
{
    private static readonly ConcurrentDictionary<string, FolderContext> contexts = new(StringComparer.Ordinal);

    private readonly string _folder;

    private FolderContext(string folder)
        : base(folder) => _folder = folder;

    /// <summary>The context of the folder in which a file lies.</summary>
    public static FolderContext Of(string path) => contexts.GetOrAdd(Path.GetDirectoryName(path)!, static folder => new FolderContext(folder));

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        // Samovar is one in each process: its types stand on both sides.
        if (assemblyName.Name is not { } name || name == typeof(FolderContext).Assembly.GetName().Name)
            return null;
        string path = Path.Combine(_folder, name + ".dll");
        return File.Exists(path) && !SameBuild.IsOfTheProgram(name, path) ? LoadFromAssemblyPath(path) : null;
    }

    // Packages keep native libraries in folders by platform, which the dependency file lists.
    protected override nint LoadUnmanagedDll(string unmanagedDllName)
    {
        const string extension = ".deps.json";
        foreach (string list in Directory.GetFiles(_folder, "*" + extension))
        {
            if (new AssemblyDependencyResolver(list[..^extension.Length] + ".dll").ResolveUnmanagedDllToPath(unmanagedDllName) is { } path)
                return NativeLibrary.Load(path);
        }

        return 0;
    }
}
