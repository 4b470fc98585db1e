using System.Runtime.InteropServices;

namespace Samovar.Processes.Launch;

/// <summary>The program and the arguments that start a worker.</summary>
/// <param name="FileName">The path of the muxer, or of this program itself.</param>
/// <param name="Arguments">The arguments, up to and including Samovar's entry point.</param>
/// <param name="ReExecutes">
/// Whether the program itself is run again and must call <see cref="ProcessWorker.RunIfWorker"/>: single files and self-contained programs have no
/// muxer.
/// </param>
internal sealed record HostFiles(string FileName, IReadOnlyList<string> Arguments, bool ReExecutes)
{
    /// <summary>The first argument of a program that is run again as a worker.</summary>
    public const string WorkerArgument = "--samovar-worker";

    // Options of the host that select its files, and that a worker therefore needs too. Each has a value.
    private static readonly string[] s_hostOptions =
        ["--runtimeconfig", "--depsfile", "--additionalprobingpath", "--additional-deps", "--fx-version", "--roll-forward"];

    /// <summary>Whether a worker of this program is the program itself, run again.</summary>
    public static bool IsRunAgain => RunsAgain(HostFacts.LibraryLocation(), RuntimeEnvironment.GetRuntimeDirectory(), AppContext.BaseDirectory);

    /// <summary>Finds the muxer, the runtime configuration and the deps file.</summary>
    /// <param name="facts">How this process was started.</param>
    /// <param name="configuration">The runtime configuration to use in place of this program's; null for this program's. The assemblies are still
    /// those of this program; the worker gets their paths.</param>
    /// <exception cref="WorkerStartException">A file was not found; the message lists the searched paths.</exception>
    public static HostFiles Find(HostFacts facts, string? configuration = null)
    {
        if (configuration is not null) return Under(facts, configuration);

        // Self-contained: the framework is in the program's directory, and no muxer accepts its configuration.
        if (RunsAgain(facts.LibraryPath, facts.RuntimeDirectory, facts.BaseDirectory))
        {
            return new HostFiles(
                facts.ProcessPath ?? throw new WorkerStartException("The path of this program is not known, so it cannot be started again as a worker."),
                [WorkerArgument], ReExecutes: true);
        }

        string muxer = FindMuxer(facts);
        List<string> options = OwnHostOptions(facts);
        if (!options.Contains("--runtimeconfig"))
        {
            string own = FindConfiguration(facts);
            options.AddRange(["--runtimeconfig", own]);
            string deps = own[..^".runtimeconfig.json".Length] + ".deps.json";
            if (!options.Contains("--depsfile") && facts.Exists(deps)) options.AddRange(["--depsfile", deps]);
        }

        string entry = SelectEntry(facts, options);
        return new HostFiles(muxer, ["exec", .. options, entry], ReExecutes: false);
    }

    /// <summary>Returns what starts workers of another program.</summary>
    /// <exception cref="WorkerStartException">There is no dotnet to start them with; the message lists the searched paths.</exception>
    public static HostFiles Of(HostFacts facts, WorkerProgramFiles program)
    {
        string[] dependencies = program.Dependencies is { } deps ? ["--depsfile", deps] : [];
        return new HostFiles(FindMuxer(facts), ["exec", "--runtimeconfig", program.Configuration, .. dependencies, program.Library], ReExecutes: false);
    }

    private static HostFiles Under(HostFacts facts, string configuration)
    {
        if (facts.LibraryPath.Length == 0)
        {
            throw new WorkerStartException(
                $"A worker cannot run under {configuration}: this program is a single file, whose workers always use its own configuration.");
        }

        return facts.Exists(configuration)
            ? new HostFiles(FindMuxer(facts), ["exec", "--runtimeconfig", configuration, facts.LibraryPath], ReExecutes: false)
            : throw new WorkerStartException($"The runtime configuration for workers does not exist: {configuration}.");
    }

    private static string FindMuxer(HostFacts facts)
    {
        string name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        var places = new List<string>();
        if (facts.ProcessPath is { } self && string.Equals(Path.GetFileName(self), name, StringComparison.OrdinalIgnoreCase))
            places.Add(self);

        // <root>/shared/Microsoft.NETCore.App/<version>/
        places.Add(Path.GetFullPath(Path.Combine(facts.RuntimeDirectory, "..", "..", "..", name)));
        Add(facts.Variable("DOTNET_HOST_PATH"));
        if (facts.Variable("DOTNET_ROOT") is { Length: > 0 } root) places.Add(Path.Combine(root, name));
        foreach (string directory in (facts.Variable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
            places.Add(Path.Combine(directory, name));

        return places.Find(p => facts.Exists(p)) ?? throw new WorkerStartException(
            $"The '{name}' program that starts workers was not found. Searched: {string.Join(", ", places)}. " +
            "Install the .NET runtime, or set DOTNET_ROOT to its directory.");

        void Add(string? place)
        {
            if (!string.IsNullOrEmpty(place)) places.Add(place);
        }
    }

    // "dotnet exec --runtimeconfig R --depsfile D testhost.dll …", the command line of VSTest and of parents of nested workers.
    private static List<string> OwnHostOptions(HostFacts facts)
    {
        var found = new List<string>();
        IReadOnlyList<string> line = facts.CommandLine;
        int at = line.Count > 1 && line[1] == "exec" ? 2 : 1;
        while (at + 1 < line.Count && s_hostOptions.Contains(line[at]))
        {
            found.AddRange([line[at], line[at + 1]]);
            at += 2;
        }

        return found;
    }

    private static string FindConfiguration(HostFacts facts)
    {
        const string extension = ".runtimeconfig.json";
        var places = new List<string>();
        if (facts.EntryName is { } entry) places.Add(Path.Combine(facts.BaseDirectory, entry + extension));
        if (facts.ProcessPath is { } self)
            places.Add(Path.Combine(facts.BaseDirectory, Path.GetFileNameWithoutExtension(self) + extension));
        foreach (string deps in facts.DepsFiles.Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            if (deps.EndsWith(".deps.json", StringComparison.OrdinalIgnoreCase))
                places.Add(deps[..^".deps.json".Length] + extension);
        }

        return places.Find(p => facts.Exists(p)) ?? throw new WorkerStartException(
            $"The runtime configuration of this program was not found, so a worker cannot run under the same one. Searched: {string.Join(", ", places)}. " +
            "Publish with GenerateRuntimeConfigurationFiles=true, or keep the file next to the program.");
    }

    // The host looks for the files of a deps file in the directory of the assembly that it starts, and refuses to start if one is missing.
    private static string SelectEntry(HostFacts facts, List<string> options)
    {
        int deps = options.IndexOf("--depsfile");
        if (deps < 0 || options.Contains("--additionalprobingpath")) return facts.LibraryPath;

        string directory = Path.GetDirectoryName(options[deps + 1]) ?? "";
        if (SameDirectory(directory, Path.GetDirectoryName(facts.LibraryPath) ?? "")) return facts.LibraryPath;

        // The package has the library twice: next to the program for every platform, and in runtimes/, compiled to native code for this one.
        // Started at the former, the host loads the latter, because the deps file names it.
        string forEveryPlatform = Path.Combine(directory, Path.GetFileName(facts.LibraryPath));
        string compiled = Path.Combine(directory, "runtimes") + Path.DirectorySeparatorChar;
        if (facts.LibraryPath.StartsWith(compiled, StringComparison.Ordinal) && facts.Exists(forEveryPlatform)) return forEveryPlatform;

        // Samovar is in another directory than the program: the worker finds assemblies by the parent's list.
        options.RemoveRange(deps, 2);
        return facts.LibraryPath;
    }

    private static bool RunsAgain(string library, string runtimeDirectory, string baseDirectory) => library.Length == 0 || SameDirectory(runtimeDirectory, baseDirectory);

    private static bool SameDirectory(string one, string other) =>
        string.Equals(Path.TrimEndingDirectorySeparator(one), Path.TrimEndingDirectorySeparator(other), StringComparison.Ordinal);
}
