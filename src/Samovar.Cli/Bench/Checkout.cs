using Samovar.Cli.Map.Targets;

namespace Samovar.Cli.Bench;

/// <summary>A clone of Samovar's repository: benchmarks and peers are there, and are built from their sources.</summary>
internal sealed class Checkout(string root)
{
    private static readonly string[] s_sources = ["src/Samovar", "src/Samovar.Analyzers", "benchmarks/Samovar.Benchmarks", "build"];

    public string Root => root;

    /// <summary>Where pictures and tables of results go.</summary>
    public string Results => Path.Combine(root, "benchmarks", "results");

    private string Runner => Path.Combine(root, "artifacts", "bin", "Samovar.Benchmarks", "release", "Samovar.Benchmarks.dll");

    private string Stamp => Path.Combine(root, "artifacts", "bench.stamp");

    /// <summary>The clone that the tool itself was built in, or the one around the current folder.</summary>
    /// <exception cref="MistakeException">There is none.</exception>
    public static Checkout Find() =>
        Above(AppContext.BaseDirectory) ?? Above(Environment.CurrentDirectory)
        ?? throw new MistakeException(
            "'samovar bench' builds its benchmarks from their sources, and there are none here: run ./samovar bench in a clone of Samovar's repository.");

    /// <summary>The path of the runner, built in Release where a source has changed.</summary>
    /// <exception cref="MistakeException">It does not build.</exception>
    public async Task<string> BuildAsync(CancellationToken cancellation)
    {
        if (!IsStale()) return Runner;
        Directory.CreateDirectory(Path.Combine(root, "artifacts"));
        string place = Path.Combine(root, "artifacts", "bench.lock");
        using IDisposable turn = await BuildLock.EnterAsync(place, static () => { }, cancellation);
        if (!IsStale()) return Runner;
        if (!Console.IsErrorRedirected) await Console.Error.WriteLineAsync("samovar: building the benchmarks…");
        string fresh = Stamp + ".new"; // as old as the moment the build began
        await File.WriteAllTextAsync(fresh, "", cancellation);
        string project = Path.Combine(root, "benchmarks", "Samovar.Benchmarks", "Samovar.Benchmarks.csproj");
        await DotnetBuild.RunAsync("build", project, ["-c", "Release", "-v", "quiet"], place, cancellation);
        File.Move(fresh, Stamp, overwrite: true);
        return Runner;
    }

    // Asking the build itself takes seconds; what has changed shows in the times of files and folders.
    private bool IsStale()
    {
        if (!File.Exists(Runner) || !File.Exists(Stamp)) return true;
        DateTime built = File.GetLastWriteTimeUtc(Stamp);
        var options = new EnumerationOptions { RecurseSubdirectories = true };
        return s_sources
            .SelectMany(folder => new DirectoryInfo(Path.Combine(root, folder)) is { Exists: true } there ? there.EnumerateFileSystemInfos("*", options).Append(there) : [])
            .Concat(new DirectoryInfo(root).EnumerateFiles("Directory.*"))
            .Append(new FileInfo(Path.Combine(root, "global.json")))
            .Any(file => file.LastWriteTimeUtc > built);
    }

    private static Checkout? Above(string start)
    {
        for (DirectoryInfo? folder = new(start); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Samovar.slnx")) && Directory.Exists(Path.Combine(folder.FullName, "benchmarks"))) return new(folder.FullName);
        }

        return null;
    }
}
