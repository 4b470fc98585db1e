using System.Security.Cryptography;
using System.Text;

namespace Samovar.Cli.Map.Targets;

/// <summary>Builds a C# file as a file-based program of the SDK, with its directives, and caches the result.</summary>
/// <remarks>A file with only types is built as a library, a file with top-level statements as a program. The result is in the
/// <see cref="BuildCache"/> under a hash of the file, its path, the tool, the runtime and the build files in its parent folders, so an
/// unchanged file is not built again. A file that refers to projects or other files is always passed to the SDK, which checks whether
/// they have changed.</remarks>
internal sealed class SourceFileBuild
{
    private static readonly string[] s_buildFiles =
        ["Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props", "global.json", "nuget.config", "NuGet.Config"];

    // Directives that do not refer to another file, whose content could change.
    private static readonly string[] s_closedDirectives = ["package", "property", "sdk"];

    private const string Overrides =
        """
        <Project>
          <PropertyGroup Condition="'$(FileBasedProgram)' == 'true'">
            <OutputType>$(SamovarMapOutputType)</OutputType>
            <OutDir>$(SamovarMapFolder)</OutDir>
            <PublishAot>false</PublishAot>
            <UseAppHost>false</UseAppHost>
            <EnableDynamicLoading>true</EnableDynamicLoading>
          </PropertyGroup>
        </Project>
        """;

    private readonly string _path;
    private readonly string _text;

    public SourceFileBuild(string path)
    {
        _path = path;
        try
        {
            _text = File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{path} cannot be read: {e.Message}");
        }
    }

    /// <summary>Returns the path of the cached assembly; null if the SDK has to build it, or to check whether it must be built.</summary>
    /// <exception cref="UsageException">There is no cache folder.</exception>
    public string? FindBuilt() => RefersToFiles() ? null : BuildCache.Find(Folder(), AssemblyName() + ".dll");

    /// <summary>Builds the file if necessary, and returns the path of the assembly.</summary>
    /// <param name="say">Called with a message before a build.</param>
    /// <param name="waits">Called with a message if the build has to wait for another one.</param>
    /// <param name="cancellation">Kills the build.</param>
    /// <exception cref="UsageException">The build fails.</exception>
    public async Task<string> BuildAsync(Action<string> say, Action<string> waits, CancellationToken cancellation)
    {
        string folder = Folder();
        string assembly = AssemblyName() + ".dll";
        bool isOneOfSeveral = RefersToFiles();
        if (!isOneOfSeveral && BuildCache.Find(folder, assembly) is { } built) return built;

        // The SDK builds a file in a folder derived from its path, and the projects to which several files may refer in the projects' folders.
        string place = BuildCache.FolderOf(isOneOfSeveral ? "projects.lock" : $"{Path.GetFileNameWithoutExtension(_path)}-{Hash(_path)}.lock");
        using IDisposable turn = await BuildCache.EnterAsync(place, () => waits("waiting for another build…"), cancellation);
        if (!isOneOfSeveral && BuildCache.Find(folder, assembly) is { } meanwhile) return meanwhile;
        say($"building {Path.GetFileName(_path)}…");
        string fresh = BuildCache.MakeFresh(folder);
        try
        {
            await BuildIntoAsync(fresh, place, cancellation);
            if (!File.Exists(Path.Combine(fresh, assembly)))
                throw new UsageException($"{_path} was built, but did not produce '{assembly}'.");

            // The referenced projects can change while the source does not, and a run in progress may have loaded the previous build.
            if (isOneOfSeveral) folder += "-" + ContentKey(fresh);
            BuildCache.Publish(fresh, folder);
            return Path.Combine(folder, assembly);
        }
        finally
        {
            if (Directory.Exists(fresh)) BuildCache.Remove(fresh);
        }
    }

    private async Task BuildIntoAsync(string folder, string turn, CancellationToken cancellation)
    {
        // Properties on the command line would also apply to the referenced projects, so the overrides are in a file that all import and that
        // applies only to the program.
        string overrides = Path.Combine(folder, "samovar-map.targets");
        await File.WriteAllTextAsync(overrides, Overrides, cancellation);
        string[] common =
        [
            "-c", "Release", "-v", "quiet", $"-p:BeforeMicrosoftNETSdkTargets={overrides}", $"-p:SamovarMapFolder={folder}{Path.DirectorySeparatorChar}",
        ];
        try
        {
            await DotnetBuild.RunAsync("build", _path, [.. common, "-p:SamovarMapOutputType=Library"], turn, cancellation);
        }
        catch (UsageException mistake) when (mistake.Said?.Contains("CS8805", StringComparison.Ordinal) == true)
        {
            // A file with top-level statements must be built as a program. This build reports any other errors again.
            await DotnetBuild.RunAsync("build", _path, [.. common, "-p:SamovarMapOutputType=Exe"], turn, cancellation);
        }
    }

    private string Folder() => BuildCache.FolderOf($"{Path.GetFileNameWithoutExtension(_path)}-{Key()}");

    private string AssemblyName() => Directives("property")
        .Select(d => d.Split('=', 2, StringSplitOptions.TrimEntries))
        .FirstOrDefault(p => p is ["AssemblyName", _])?[1] ?? Path.GetFileNameWithoutExtension(_path);

    private bool RefersToFiles() => _text.Split('\n').Any(line => line.StartsWith("#:", StringComparison.Ordinal)
        && !Array.Exists(s_closedDirectives, d => line.StartsWith($"#:{d} ", StringComparison.Ordinal)));

    private IEnumerable<string> Directives(string kind) => _text.Split('\n')
        .Where(line => line.StartsWith($"#:{kind} ", StringComparison.Ordinal))
        .Select(line => line[(kind.Length + 3)..].Trim());

    private string Key()
    {
        var parts = new StringBuilder().Append(_path).Append('\0').Append(Environment.Version).Append('\0')
            .Append(typeof(SourceFileBuild).Assembly.ManifestModule.ModuleVersionId).Append('\0').Append(_text);
        for (DirectoryInfo? above = Directory.GetParent(_path); above is not null; above = above.Parent)
        {
            foreach (string name in s_buildFiles)
            {
                var file = new FileInfo(Path.Combine(above.FullName, name));
                if (file.Exists) parts.Append('\0').Append(file.FullName).Append(file.LastWriteTimeUtc.Ticks).Append(file.Length);
            }
        }

        return Hash(parts.ToString());
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];

    private static string ContentKey(string folder)
    {
        using var all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string file in Directory.EnumerateFiles(folder, "*.dll").Order(StringComparer.Ordinal)) all.AppendData(File.ReadAllBytes(file));
        return Convert.ToHexStringLower(all.GetHashAndReset())[..8];
    }
}
