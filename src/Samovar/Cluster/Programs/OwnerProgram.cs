using System.Diagnostics.CodeAnalysis;
using System.IO.Enumeration;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Samovar.Cluster.Protocol;
using Samovar.Ipc.Platform;
using Samovar.Primitives;
using Samovar.Processes.Launch;
using Samovar.Processes.Platform;
using Samovar.Processes.Protocol;

namespace Samovar.Cluster.Programs;

/// <summary>The program of an owner: identifies its build, and collects its files for nodes that do not have them. Thread-safe.</summary>
[UnconditionalSuppressMessage("SingleFile", "IL3000", Justification = CodeRequirements.MayHaveNoFile)]
internal sealed class OwnerProgram
{
    /// <summary>The files that belong to a program, by the end of their names. What else is in its folder, such as settings and data, does not travel.</summary>
    private static readonly string[] s_kinds = [".dll", ".pdb", ".so", ".dylib", ".deps.json", ".runtimeconfig.json"];

    private readonly IReadOnlyDictionary<string, string> _folders;
    private readonly string? _configuration;

    /// <summary>Initializes the program of this process.</summary>
    /// <param name="folders">The full paths of more folders that travel with it, by the name that they have on the node.</param>
    /// <param name="configuration">The runtime configuration under which its workers run; null for that of this process.</param>
    /// <exception cref="IOException">A folder or a file cannot be read.</exception>
    /// <exception cref="InvalidOperationException">A folder has too many or too large files.</exception>
    public OwnerProgram(IReadOnlyDictionary<string, string> folders, string? configuration)
    {
        _folders = folders;
        _configuration = configuration;
        Build = ProgramBuild.Current;
        if (folders.Count == 0 && configuration is null) return;
        var build = ComputeBuild(); // at once, so that the caller learns of a folder that cannot be read
        Build = new Lazy<BuildId>(build);
    }

    /// <summary>The id of the build. Its first use reads the files of the program.</summary>
    public Lazy<BuildId> Build { get; }

    /// <summary>Collects the files; reads all of them.</summary>
    /// <exception cref="InvalidOperationException">The program has no files that another machine could run, or has changed since it started.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public ProgramPackage Collect()
    {
        if (HostFiles.IsRunAgain)
        {
            throw new InvalidOperationException("The program is published as a single file or self-contained, so it cannot be sent to nodes. "
                + "Start the nodes from the same program, or publish it without these options.");
        }

        if (ProgramBuild.Compute() != ProgramBuild.Current.Value)
            throw new InvalidOperationException("The files of the program have changed since it started. Start the program again.");

        var files = new SortedDictionary<string, string>(StringComparer.Ordinal); // the paths by name in the package
        string program = AppContext.BaseDirectory;
        foreach (string path in Enumerate(program).Where(static path => Array.Exists(s_kinds, kind => path.EndsWith(kind, StringComparison.OrdinalIgnoreCase))))
            files[NameOf(program, path)] = path;
        var host = HostFiles.Find(HostFacts.Gather(ProcessPlatform.For(ChannelPlatform.Current.Kind)));
        string dependencies = Option(host, "--depsfile") is { } deps && files.ContainsValue(Path.GetFullPath(deps)) ? NameOf(program, deps) : "";
        foreach (string path in Elsewhere(program))
        {
            files.TryAdd(Path.GetFileName(path), path);
            dependencies = ""; // it names another place; without it, all assemblies of the folder are found
        }

        foreach (var (name, file) in AddFolders()) files[name] = file;
        string configuration = AddConfiguration(files, program, _configuration ?? Option(host, "--runtimeconfig")
            ?? throw new InvalidOperationException("The runtime configuration of the program is not known, so the program cannot be sent to nodes. Start the nodes from the same program."));
        return new ProgramPackage(CreateManifest(files, configuration, dependencies), files);
    }

    private static PackageManifest CreateManifest(SortedDictionary<string, string> files, string configuration, string dependencies)
    {
        Check("The program", files.Values);
        return new PackageManifest
        {
            Platform = RuntimePlatform.Current,
            Library = ModuleId.Samovar.Version,
            LibraryVersion = LibraryVersion,
            Configuration = configuration,
            Dependencies = dependencies,
            Files = [.. files.Select(static entry => Describe(entry.Key, entry.Value))],
        };
    }

    private static void Check(string what, IEnumerable<string> paths)
    {
        long count = 0, sum = 0;
        foreach (string path in paths)
        {
            sum += new FileInfo(path).Length;
            if (++count > PackageManifest.MostFiles || sum > PackageManifest.MostBytes)
            {
                throw new InvalidOperationException($"{what} cannot be sent to nodes: it has more than {PackageManifest.MostFiles:N0} files, or more than {PackageManifest.MostBytes:N0} bytes. "
                    + "Install large files on the nodes.");
            }
        }
    }

    /// <summary>The version of Samovar.</summary>
    internal static string LibraryVersion =>
        typeof(OwnerProgram).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    private static PackageFile Describe(string name, string path)
    {
        if (!PackageFile.IsSafe(name)) throw new InvalidOperationException($"File {path} cannot be sent to nodes: its name is not valid on every system.");
        var (hash, length) = PackageStream.HashOf(path);
        return new PackageFile(name, length, hash);
    }

    private static string AddConfiguration(SortedDictionary<string, string> files, string program, string path)
    {
        path = Path.GetFullPath(path);
        foreach (var (name, known) in files)
        {
            if (string.Equals(known, path, StringComparison.Ordinal)) return name;
        }

        string own = Path.GetFileName(path);
        files[own] = path;
        return own;
    }

    /// <summary>Returns the assemblies of the program that are not in its folder.</summary>
    private static IEnumerable<string> Elsewhere(string program)
    {
        string? framework = Path.GetDirectoryName(Path.GetDirectoryName(typeof(object).Assembly.Location));
        string paths = AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") as string ?? "";
        return paths.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Where(path =>
            !path.StartsWith(program, StringComparison.Ordinal)
            && (framework is null || !path.StartsWith(Path.GetDirectoryName(framework)!, StringComparison.Ordinal)));
    }

    private static string? Option(HostFiles host, string name)
    {
        int at = host.Arguments.ToList().IndexOf(name);
        return at < 0 ? null : host.Arguments[at + 1];
    }

    private static string NameOf(string folder, string path) => Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/');

    /// <summary>Returns the files of a folder and of the folders in it. Links to folders are not followed, because they may form a cycle.</summary>
    private static FileSystemEnumerable<string> Enumerate(string folder) => new(
        folder, static (ref entry) => entry.ToFullPath(), new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None })
    {
        ShouldIncludePredicate = static (ref entry) => !entry.IsDirectory,
        ShouldRecursePredicate = static (ref entry) => !entry.Attributes.HasFlag(FileAttributes.ReparsePoint),
    };

    private IEnumerable<(string Name, string Path)> AddFolders()
    {
        foreach (var (name, folder) in _folders.OrderBy(static entry => entry.Key, StringComparer.Ordinal))
        {
            if (!Directory.Exists(folder)) throw new DirectoryNotFoundException($"The folder '{name}' of the program does not exist: {folder}.");
            Check($"The folder '{name}' of the program ({folder})", Enumerate(folder));
            foreach (string path in Enumerate(folder).OrderBy(static path => path, StringComparer.Ordinal)) yield return ($"{name}/{NameOf(folder, path)}", path);
        }
    }

    private BuildId ComputeBuild()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] own = new byte[BuildId.Size];
        ProgramBuild.Current.Value.CopyTo(own);
        hash.AppendData(own);
        if (_configuration is not null) hash.AppendData(PackageStream.HashOf(_configuration).Hash);
        foreach (var (name, path) in AddFolders())
        {
            hash.AppendData(Encoding.UTF8.GetBytes(name));
            hash.AppendData([0]);
            hash.AppendData(PackageStream.HashOf(path).Hash);
        }

        return BuildId.Read(hash.GetHashAndReset());
    }
}
