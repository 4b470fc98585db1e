using System.Reflection;
using System.Runtime.InteropServices;
using Samovar.Processes.Platform;

namespace Samovar.Processes.Launch;

/// <summary>
/// What a process can know of how it was started; gathered once, so that <see cref="HostFiles"/> can be tested for every
/// hosting.
/// </summary>
internal sealed record HostFacts
{
    /// <summary>The running executable: the muxer, an apphost, a test host.</summary>
    public required string? ProcessPath { get; init; }

    /// <summary>This process's arguments with those that the muxer took for itself; empty where unknown.</summary>
    public required IReadOnlyList<string> CommandLine { get; init; }

    /// <summary>Where the program lies.</summary>
    public required string BaseDirectory { get; init; }

    /// <summary>Where the shared framework lies.</summary>
    public required string RuntimeDirectory { get; init; }

    /// <summary>Where Samovar.dll lies; empty in a single file.</summary>
    public required string LibraryPath { get; init; }

    /// <summary>Simple name of the entry assembly.</summary>
    public required string? EntryName { get; init; }

    /// <summary>Deps files that the host used, separated by semicolons.</summary>
    public string DepsFiles { get; init; } = "";

    /// <summary>Reads an environment variable.</summary>
    public required Func<string, string?> Variable { get; init; }

    /// <summary>Whether a file is there.</summary>
    public required Func<string, bool> Exists { get; init; }

    /// <summary>Of this process.</summary>
    public static HostFacts Gather(ProcessPlatform platform) => new()
    {
        ProcessPath = Environment.ProcessPath,
        CommandLine = platform.CommandLine,
        BaseDirectory = AppContext.BaseDirectory,
        RuntimeDirectory = RuntimeEnvironment.GetRuntimeDirectory(),
        LibraryPath = LibraryLocation(),
        EntryName = Assembly.GetEntryAssembly()?.GetName().Name,
        DepsFiles = AppContext.GetData("APP_CONTEXT_DEPS_FILES") as string ?? "",
        Variable = Environment.GetEnvironmentVariable,
        Exists = File.Exists,
    };

    /// <summary>Where Samovar.dll lies; empty in a single file.</summary>
    [System.Diagnostics.CodeAnalysis.UnconditionalSuppressMessage(
        "SingleFile", "IL3000", Justification = "an empty location is how a single file is recognised")]
    public static string LibraryLocation() => typeof(HostFacts).Assembly.Location;
}
