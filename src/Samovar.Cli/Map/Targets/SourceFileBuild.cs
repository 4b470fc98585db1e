using System.Security.Cryptography;
using System.Text;

namespace Samovar.Cli.Map.Targets;

/// <summary>Builds a C# file as the SDK's file-based programs are built, its directives included, and keeps what came of it.</summary>
/// <remarks>
/// <para>A file with methods only is built as a library, one with statements of its own as the program it is. The result lies in the
/// user's cache under a hash of the file, its place, the SDK's version and the build files above it, so an unchanged file costs no
/// build. A file that refers to projects is always given to the SDK, which looks for itself whether they have changed.</para>
/// <para>A build goes to a folder of its own, which is then renamed: whoever sees the folder sees all of it.</para>
/// </remarks>
internal sealed class SourceFileBuild
{
    private static readonly string[] s_buildFiles =
        ["Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props", "global.json", "nuget.config", "NuGet.Config"];

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
            throw new MistakeException($"{path} cannot be read: {e.Message}");
        }
    }

    /// <summary>Where builds are kept: <c>SAMOVAR_CACHE</c>, or a folder in the user's cache.</summary>
    public static string CacheFolder =>
        Environment.GetEnvironmentVariable("SAMOVAR_CACHE") is { Length: > 0 } told ? Path.GetFullPath(told)
        : Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache ? Path.Combine(cache, "samovar", "map")
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "samovar", "map");

    /// <summary>The path of the built assembly.</summary>
    /// <exception cref="MistakeException">It does not build.</exception>
    public async Task<string> BuildAsync(CancellationToken cancellation)
    {
        string folder = Path.Combine(CacheFolder, $"{Path.GetFileNameWithoutExtension(_path)}-{Key()}");
        string assembly = Path.Combine(folder, AssemblyName() + ".dll");
        bool refersToProjects = Directives("project").Any();
        if (File.Exists(assembly) && !refersToProjects) return assembly;

        string fresh = $"{folder}.{Environment.ProcessId}";
        try
        {
            await BuildIntoAsync(fresh, cancellation);
            string built = Path.Combine(fresh, AssemblyName() + ".dll");
            if (!File.Exists(built)) throw new MistakeException($"{_path} has built, but not to '{AssemblyName()}.dll'.");
            if (Directory.Exists(folder))
            {
                if (Same(built, assembly)) return assembly; // a run under way may have it loaded
                folder += $"-{Convert.ToHexStringLower(Hash(File.ReadAllBytes(built)))[..8]}";
            }

            Publish(fresh, folder);
            return Path.Combine(folder, AssemblyName() + ".dll");
        }
        finally
        {
            if (Directory.Exists(fresh)) Directory.Delete(fresh, recursive: true);
        }
    }

    private async Task BuildIntoAsync(string folder, CancellationToken cancellation)
    {
        string[] common = ["-c", "Release", "-v", "quiet", "-p:PublishAot=false", "-p:EnableDynamicLoading=true", "-p:UseArtifactsOutput=false", "-o", folder];
        try
        {
            await DotnetBuild.RunAsync(_path, [.. common, "-p:OutputType=Library"], cancellation);
        }
        catch (MistakeException mistake) when (mistake.Said?.Contains("CS8805", StringComparison.Ordinal) == true)
        {
            // Statements of its own need a program; nothing is lost, the errors of that build are shown.
            await DotnetBuild.RunAsync(_path, [.. common, "-p:OutputType=Exe", "-p:UseAppHost=false"], cancellation);
        }
    }

    private static void Publish(string fresh, string folder)
    {
        try
        {
            if (!Directory.Exists(folder)) Directory.Move(fresh, folder);
        }
        catch (IOException) when (Directory.Exists(folder))
        {
            // Another run has built the same meanwhile: its result is as good.
        }
    }

    private string AssemblyName() => Directives("property")
        .Select(d => d.Split('=', 2, StringSplitOptions.TrimEntries))
        .FirstOrDefault(p => p is ["AssemblyName", _])?[1] ?? Path.GetFileNameWithoutExtension(_path);

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

        return Convert.ToHexStringLower(Hash(Encoding.UTF8.GetBytes(parts.ToString())))[..16];
    }

    private static bool Same(string one, string other) =>
        File.Exists(other) && Hash(File.ReadAllBytes(one)).AsSpan().SequenceEqual(Hash(File.ReadAllBytes(other)));

    private static byte[] Hash(byte[] bytes) => SHA256.HashData(bytes);
}
