using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using Samovar.Primitives;

namespace Samovar.Serialization.Definitions;

/// <summary>Loads the assemblies of one folder separately from the program's. Each uses the other assemblies of the folder, and the program's
/// where those are the same build.</summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class FolderContext : AssemblyLoadContext
{
    private static readonly ConcurrentDictionary<string, FolderContext> contexts = new(StringComparer.Ordinal);

    private readonly string _folder;
    private DependencyLists? _lists; // set once all readable dependency files have been read

    private FolderContext(string folder)
        : base(folder) => _folder = folder;

    /// <summary>Returns the load context of the folder that contains a file.</summary>
    public static FolderContext Of(string path) => contexts.GetOrAdd(Path.GetDirectoryName(path)!, static folder => new FolderContext(folder));

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        // Each process has only one Samovar: the program and the plug-ins exchange its types.
        if (assemblyName.Name is not { } name || name == typeof(FolderContext).Assembly.GetName().Name) return null;
        string path = Listed(resolver => resolver.ResolveAssemblyToPath(assemblyName)) ?? Path.Combine(_folder, name + ".dll");
        return File.Exists(path) && !BuildVerifier.IsOfTheProgram(name, path) ? LoadFromAssemblyPath(path) : null;
    }

    // If the dependency files do not list the library, the runtime searches the assembly's folder.
    protected override nint LoadUnmanagedDll(string unmanagedDllName) =>
        Listed(resolver => resolver.ResolveUnmanagedDllToPath(unmanagedDllName)) is { } path ? NativeLibrary.Load(path) : 0;

    private string? Listed(Func<AssemblyDependencyResolver, string?> find) => Resolvers().Select(find).FirstOrDefault(static path => path is not null);

    // Packages keep platform-specific files in separate folders, which the dependency files list. A file that cannot be read for a temporary
    // reason, such as a lack of descriptors, is read again by the next load; a file that is itself unreadable, only after it has changed. Two
    // threads may do the same work; either result is valid.
    private AssemblyDependencyResolver[] Resolvers()
    {
        if (Volatile.Read(ref _lists) is { } known && known.IsCurrent) return known.Resolvers;

        const string extension = ".deps.json";
        var found = new List<AssemblyDependencyResolver>();
        var unreadable = new List<FileStamp>();
        bool isWhole = true;
        try
        {
            foreach (string list in Directory.GetFiles(_folder, "*" + extension))
            {
                string of = list[..^extension.Length] + ".dll";
                if (!File.Exists(of)) continue;
                var stamp = FileStamp.Of(list); // taken before the file is read, so that a later change is detected
                if (Resolver(of, list, out bool isLasting) is { } resolver) found.Add(resolver);
                else if (isLasting) unreadable.Add(stamp);
                else isWhole = false;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            isWhole = false; // the folder cannot be listed: assemblies in it are still found by name, and a missing one is reported by the loader
        }

        var lists = new DependencyLists([.. found], [.. unreadable]);
        if (isWhole) Volatile.Write(ref _lists, lists);
        return lists.Resolvers;
    }

    // Returns null if the dependency file cannot be read. If it can be opened, or access is denied, the reason was not a shortage of
    // descriptors, unless the shortage has just ended: the second attempt decides whether the failure is lasting.
    private static AssemblyDependencyResolver? Resolver(string path, string list, out bool isLasting)
    {
        isLasting = false;
        if (Resolver(path) is { } resolver) return resolver;
        if (!CanBeOpened(list)) return null;
        resolver = Resolver(path);
        isLasting = resolver is null;
        return resolver;
    }

    private static AssemblyDependencyResolver? Resolver(string path)
    {
        try
        {
            return new AssemblyDependencyResolver(path);
        }
        catch (InvalidOperationException)
        {
            return null; // unreadable file, or no host library: assemblies of the folder are still found by name, and missing ones are reported
        }
    }

    private static bool CanBeOpened(string list)
    {
        try
        {
            File.OpenHandle(list).Dispose();
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return true; // not a shortage of descriptors
        }
        catch (IOException)
        {
            return false; // no descriptor is available, or the file was removed: the next load tries again
        }
    }

    /// <summary>The resolvers of the folder's readable dependency files, and the dependency files that are lastingly unreadable.</summary>
    private sealed record DependencyLists(AssemblyDependencyResolver[] Resolvers, FileStamp[] Unreadable)
    {
        public bool IsCurrent => Array.TrueForAll(Unreadable, static file => file == FileStamp.Of(file.Path));
    }

    /// <summary>The state of a file at one moment, to detect changes.</summary>
    private readonly record struct FileStamp(string Path, DateTime Written, long Length, UnixFileMode Mode)
    {
        public static FileStamp Of(string path)
        {
            var file = new FileInfo(path);
            return file.Exists ? new FileStamp(path, file.LastWriteTimeUtc, file.Length, file.UnixFileMode) : new FileStamp(path, default, 0, default);
        }
    }
}
