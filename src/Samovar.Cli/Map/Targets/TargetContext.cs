using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace Samovar.Cli.Map.Targets;

/// <summary>Where a target's code lives in a process: apart from the tool's own packages, which may be of other versions.</summary>
/// <remarks>The tool looks at the target's methods in such a context and workers run them in one. Samovar itself is shared, so that
/// <see cref="TaskContext"/> is the same type on both sides; nothing else of the target's crosses the border between processes.</remarks>
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

    /// <summary>The assembly, loaded once in this process.</summary>
    /// <exception cref="UsageException">It cannot be loaded.</exception>
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
                throw new UsageException($"{assemblyPath} is not an assembly that can be loaded: {e.Message}");
            }
        }
    }

    /// <summary>Makes this process the target's, before any of its code runs: what lies beside the target is found beside the program.</summary>
    /// <exception cref="UsageException">It cannot be loaded.</exception>
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
