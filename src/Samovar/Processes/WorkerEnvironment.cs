using System.Collections;
using System.Globalization;
using Samovar.Ipc;

namespace Samovar.Processes;

/// <summary>
/// The environment a worker gets: the parent's, less what is meant for the parent alone, plus what a worker needs.
/// </summary>
/// <remarks>
/// Taken out: profilers and coverage (<c>CORECLR_*</c>, <c>COR_*</c>), startup hooks, dump and trace settings of the runtime
/// (<c>DOTNET_Dbg*</c>, <c>DOTNET_EventPipe*</c>, <c>DOTNET_Diagnostic*</c>), garbage collector settings (<c>DOTNET_gc*</c>,
/// <c>DOTNET_GC*</c>), each also as <c>COMPlus_</c>, and what build and test tools set for themselves (<c>MSBUILD*</c>,
/// <c>VSTEST_*</c>, <c>TESTINGPLATFORM_*</c>, <c>XUNIT_*</c>, <c>COVERLET*</c>, <c>DOTNET_CLI_*</c>, <c>DOTNET_WATCH*</c>).
/// Set: <see cref="Variable"/>, garbage collection as <see cref="WorkerStart"/> says, no tiered profiling (it slows the first
/// seconds), no diagnostics port unless asked for. The worker forgets all that Samovar set once it is up, so its own children
/// do not get it.
/// </remarks>
internal static class WorkerEnvironment
{
    /// <summary>Marks a worker and holds its invitation. In the environment, since anybody can read a command line.</summary>
    public const string Variable = "SAMOVAR_WORKER";

    /// <summary>Makes workers wait for a debugger before their body runs.</summary>
    public const string WaitForDebugger = "SAMOVAR_WAIT_DEBUGGER";

    private static readonly string[] s_parentsOnly =
    [
        "CORECLR_", "COR_", "MSBUILD", "VSTEST_", "TESTINGPLATFORM_", "XUNIT_", "COVERLET", "DOTNET_CLI_", "DOTNET_WATCH",
        Variable,
    ];

    private static readonly string[] s_parentsRuntime =
    [
        "STARTUP_HOOKS", "Dbg", "EventPipe", "EnableEventPipe", "Diagnostic", "EnableDiagnostics", "DefaultDiagnosticPort", "gc",
        "PROFILER", "MODIFIABLE_ASSEMBLIES",
    ];

    /// <summary>Whether a variable of the parent stays the parent's.</summary>
    public static bool IsParentsOnly(string name)
    {
        foreach (string prefix in s_parentsOnly)
        {
            if (name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        int runtime = name.StartsWith("DOTNET_", StringComparison.OrdinalIgnoreCase) ? 7
            : name.StartsWith("COMPlus_", StringComparison.OrdinalIgnoreCase) ? 8 : 0;
        return runtime > 0 && Array.Exists(s_parentsRuntime, s => name.AsSpan(runtime).StartsWith(s, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>What the runtime of a worker is told.</summary>
    public static Dictionary<string, string> Own(WorkerStart start)
    {
        var own = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["DOTNET_gcServer"] = start.ServerGarbageCollection ? "1" : "0",
            ["DOTNET_gcConcurrent"] = start.ConcurrentGarbageCollection ? "1" : "0",
            ["DOTNET_TieredPGO"] = "0",
        };
        if (start.HeapLimit > 0)
            own["DOTNET_GCHeapHardLimit"] = start.HeapLimit.ToString("X", CultureInfo.InvariantCulture);
        if (!start.Diagnostics && Environment.GetEnvironmentVariable(WaitForDebugger) != "1")
            own["DOTNET_EnableDiagnostics"] = "0";
        return own;
    }

    /// <summary>The whole environment.</summary>
    public static Dictionary<string, string> Build(WorkerStart start, string invitation, IDictionary parent)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry entry in parent)
        {
            string name = (string)entry.Key;
            if (!IsParentsOnly(name) && name != ChannelPlatform.EnvironmentVariable)
                environment[name] = (string?)entry.Value ?? "";
        }

        // What the parent chose for itself goes on to its worker's own pools.
        if (parent[ChannelPlatform.EnvironmentVariable] is string channel)
            environment[ChannelPlatform.EnvironmentVariable] = channel;
        foreach ((string name, string value) in Own(start))
            environment[name] = value;
        foreach ((string name, string? value) in start.Environment)
        {
            if (value is null)
                environment.Remove(name);
            else
                environment[name] = value;
        }

        environment[Variable] = invitation;
        return environment;
    }
}
