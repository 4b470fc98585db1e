using System.Reflection;
using System.Runtime.InteropServices;
using Samovar.Processes.Platform;

namespace Samovar.Processes.Launch;

/// <summary>
/// Describes how this process was started. The facts are gathered in one place so that <see cref="HostFiles"/> can be tested for every kind of
/// hosting.
/// </summary>
internal sealed record HostFacts
{
    /// <summary>The path of the running executable: the muxer, an apphost or a test host.</summary>
    public required string? ProcessPath { get; init; }

    /// <summary>The arguments of this process, including those that the muxer consumed; empty if unknown.</summary>
    public required IReadOnlyList<string> CommandLine { get; init; }

    /// <summary>The directory of the program.</summary>
    public required string BaseDirectory { get; init; }

    /// <summary>The directory of the shared framework.</summary>
    public required string RuntimeDirectory { get; init; }

    /// <summary>The path of Samovar.dll; empty in a single file.</summary>
    public required string LibraryPath { get; init; }

    /// <summary>The simple name of the entry assembly; null if it is unknown.</summary>
    public required string? EntryName { get; init; }

    /// <summary>The deps files that the host used, separated by semicolons.</summary>
    public string DepsFiles { get; init; } = "";

    /// <summary>Reads an environment variable.</summary>
    public required Func<string, string?> Variable { get; init; }

    /// <summary>Returns whether a file exists.</summary>
    public required Func<string, bool> Exists { get; init; }

    /// <summary>Gathers the facts of this process.</summary>
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

    /// <summary>Returns the path of Samovar.dll; empty in a single file.</summary>
    [System.Diagnostics.CodeAnalysis.UnconditionalSuppressMessage(
        "SingleFile", "IL3000", Justification = "an empty location is how a single file is recognised")]
    public static string LibraryLocation() => typeof(HostFacts).Assembly.Location;
}
