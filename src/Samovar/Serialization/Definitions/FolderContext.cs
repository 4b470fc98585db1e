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
    private DependencyLists? _lists; // once all are there that can be read

    private FolderContext(string folder)
        : base(folder) => _folder = folder;

    /// <summary>The context of the folder in which a file lies.</summary>
    public static FolderContext Of(string path) => contexts.GetOrAdd(Path.GetDirectoryName(path)!, static folder => new FolderContext(folder));

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        // Samovar is one in each process: its types stand on both sides.
        if (assemblyName.Name is not { } name || name == typeof(FolderContext).Assembly.GetName().Name) return null;
        string path = Listed(resolver => resolver.ResolveAssemblyToPath(assemblyName)) ?? Path.Combine(_folder, name + ".dll");
        return File.Exists(path) && !BuildVerifier.IsOfTheProgram(name, path) ? LoadFromAssemblyPath(path) : null;
    }

    // The runtime itself looks beside the assembly.
    protected override nint LoadUnmanagedDll(string unmanagedDllName) =>
        Listed(resolver => resolver.ResolveUnmanagedDllToPath(unmanagedDllName)) is { } path ? NativeLibrary.Load(path) : 0;

    private string? Listed(Func<AssemblyDependencyResolver, string?> find) => Resolvers().Select(find).FirstOrDefault(static path => path is not null);

    // Packages keep what is for one platform in folders of its own, which the dependency files list. What cannot be read now, for want of a
    // descriptor say, is tried again by the next load; what no load could read, when it has changed. Two threads may make the same.
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
                var stamp = FileStamp.Of(list); // before it is read: a change meanwhile is seen
                if (Resolver(of, list, out bool isLasting) is { } resolver) found.Add(resolver);
                else if (isLasting) unreadable.Add(stamp);
                else isWhole = false;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            isWhole = false; // the folder cannot be listed, though its files may be opened: neighbours are found all the same, and what is missing is named
        }

        var lists = new DependencyLists([.. found], [.. unreadable]);
        if (isWhole) Volatile.Write(ref _lists, lists);
        return lists.Resolvers;
    }

    // Null where the dependency file cannot be read. Where it can be opened, or belongs to another user, no shortage was the reason, unless that has just ended: the second
    // try decides whether the failure lasts.
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
            return null; // a file that cannot be read, or a program without the host's library: neighbours are found all the same, and what is missing is named
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
            return true; // as far as descriptors go
        }
        catch (IOException)
        {
            return false; // no descriptor is left, or the file is gone: the next load looks again
        }
    }

    /// <summary>The dependency files of the folder that could be read, and those that no load could.</summary>
    private sealed record DependencyLists(AssemblyDependencyResolver[] Resolvers, FileStamp[] Unreadable)
    {
        public bool IsCurrent => Array.TrueForAll(Unreadable, static file => file == FileStamp.Of(file.Path));
    }

    /// <summary>A file as it was.</summary>
    private readonly record struct FileStamp(string Path, DateTime Written, long Length, UnixFileMode Mode)
    {
        public static FileStamp Of(string path)
        {
            var file = new FileInfo(path);
            return file.Exists ? new FileStamp(path, file.LastWriteTimeUtc, file.Length, file.UnixFileMode) : new FileStamp(path, default, 0, default);
        }
    }
}
