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
    private AssemblyDependencyResolver[]? _resolvers; // once all are there

    private FolderContext(string folder)
        : base(folder) => _folder = folder;

    /// <summary>The context of the folder in which a file lies.</summary>
    public static FolderContext Of(string path) => contexts.GetOrAdd(Path.GetDirectoryName(path)!, static folder => new FolderContext(folder));

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        // Samovar is one in each process: its types stand on both sides.
        if (assemblyName.Name is not { } name || name == typeof(FolderContext).Assembly.GetName().Name)
            return null;
        string path = Listed(resolver => resolver.ResolveAssemblyToPath(assemblyName)) ?? Path.Combine(_folder, name + ".dll");
        return File.Exists(path) && !SameBuild.IsOfTheProgram(name, path) ? LoadFromAssemblyPath(path) : null;
    }

    // The runtime itself looks beside the assembly.
    protected override nint LoadUnmanagedDll(string unmanagedDllName) =>
        Listed(resolver => resolver.ResolveUnmanagedDllToPath(unmanagedDllName)) is { } path ? NativeLibrary.Load(path) : 0;

    private string? Listed(Func<AssemblyDependencyResolver, string?> find) => Resolvers().Select(find).FirstOrDefault(static path => path is not null);

    // Packages keep what is for one platform in folders of its own, which the dependency files list. What cannot be read now, for want of a
    // descriptor say, is tried again by the next load. Two threads may make the same.
    private AssemblyDependencyResolver[] Resolvers()
    {
        if (Volatile.Read(ref _resolvers) is { } known)
            return known;

        const string extension = ".deps.json";
        var found = new List<AssemblyDependencyResolver>();
        bool isWhole = true;
        try
        {
            foreach (string list in Directory.GetFiles(_folder, "*" + extension))
            {
                string of = list[..^extension.Length] + ".dll";
                if (!File.Exists(of))
                    continue;
                if (Resolver(of) is { } resolver)
                    found.Add(resolver);
                else
                    isWhole = false;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            isWhole = false; // the folder cannot be listed, though its files may be opened: neighbours are found all the same, and what is missing is named
        }

        AssemblyDependencyResolver[] resolvers = [.. found];
        if (isWhole)
            Volatile.Write(ref _resolvers, resolvers);
        return resolvers;
    }

    private static AssemblyDependencyResolver? Resolver(string path)
    {
        try
        {
            return new AssemblyDependencyResolver(path);
        }
        catch (InvalidOperationException)
        {
            return null; // a file that cannot be read, or a program without the host's library: neighbours are found all the same, and what is missing is named
        }
    }
}
