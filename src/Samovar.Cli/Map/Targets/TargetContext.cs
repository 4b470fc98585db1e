using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace Samovar.Cli.Map.Targets;

/// <summary>The load context of a target, separate from the tool's own packages, which may have other versions.</summary>
/// <remarks>The tool inspects the target's methods in such a context, and workers run them in one. Samovar itself is shared, so that
/// <see cref="TaskContext"/> is the same type for the tool and the target. No other types of the target are sent between processes.</remarks>
internal sealed class TargetContext : AssemblyLoadContext
{
    private static readonly Lock s_gate = new();
    private static readonly Dictionary<string, Assembly> s_loaded = new(StringComparer.Ordinal);

    private readonly AssemblyDependencyResolver _resolver;
    private readonly string _assemblyPath;

    private TargetContext(string assemblyPath)
        : base(Path.GetFileNameWithoutExtension(assemblyPath))
    {
        _assemblyPath = assemblyPath;
        _resolver = new AssemblyDependencyResolver(assemblyPath);
    }

    /// <summary>Loads the assembly, once per process.</summary>
    /// <exception cref="UsageException">The assembly cannot be loaded.</exception>
    public static Assembly Load(string assemblyPath)
    {
        lock (s_gate)
        {
            if (s_loaded.TryGetValue(assemblyPath, out Assembly? known)) return known;
            try
            {
                return s_loaded[assemblyPath] = new TargetContext(assemblyPath).LoadFromAssemblyPath(assemblyPath);
            }
            catch (Exception e) when (e is BadImageFormatException or IOException or InvalidOperationException)
            {
                throw new UsageException($"{assemblyPath} cannot be loaded as an assembly: {e.Message}");
            }
        }
    }

    /// <summary>Makes the target this process's program: sets the base directory and the entry assembly. Call before any of its code runs.</summary>
    /// <exception cref="UsageException">The assembly cannot be loaded.</exception>
    public static void Enter(string assemblyPath)
    {
        string folder = Path.GetDirectoryName(assemblyPath)!;
        AppContext.SetData("APP_CONTEXT_BASE_DIRECTORY", Path.EndsInDirectorySeparator(folder) ? folder : folder + Path.DirectorySeparatorChar);
        Assembly.SetEntryAssembly(Load(assemblyPath));
    }

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (assemblyName.Name is null or "Samovar") return null;
        string? path = _resolver.ResolveAssemblyToPath(assemblyName) ?? SharedFrameworks.Find(_assemblyPath, assemblyName.Name);
        return path is null ? null : LoadFromAssemblyPath(path);
    }

    protected override nint LoadUnmanagedDll(string unmanagedDllName) =>
        _resolver.ResolveUnmanagedDllToPath(unmanagedDllName) is { } path ? NativeLibrary.Load(path) : 0;
}
