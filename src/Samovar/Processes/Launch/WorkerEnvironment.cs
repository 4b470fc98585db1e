using System.Collections;
using System.Globalization;
using Samovar.Ipc.Platform;
using Samovar.Processes.Platform;
using Samovar.Processes.Protocol;

namespace Samovar.Processes.Launch;

/// <summary>
/// Builds the environment of a worker: the parent's variables, without those that are intended for the parent alone, plus those that a worker
/// needs.
/// </summary>
/// <remarks>
/// Variables that would disturb the worker's runtime are removed: profilers (<c>CORECLR_*</c>, <c>COR_*</c>), startup hooks, trace settings
/// (<c>DOTNET_EventPipe*</c>, <c>DOTNET_Diagnostic*</c>) and garbage collector settings (<c>DOTNET_gc*</c>, <c>DOTNET_GC*</c>), each also as
/// <c>COMPlus_</c>. Added are <see cref="WorkerInvitation.Variable"/>, garbage collection settings from <see cref="WorkerStartOptions"/>, no tiered
/// profiling (it slows down the first seconds), no diagnostics port and no tracer unless they are enabled, and a unique name for a crash dump. After its start the
/// worker restores the parent's values, so that programs that it starts get the same environment as from the parent.
/// </remarks>
internal static class WorkerEnvironment
{
    /// <summary>Makes workers wait for a debugger before their program runs.</summary>
    public const string WaitForDebugger = "SAMOVAR_WAIT_DEBUGGER";

    private static readonly string[] s_parentsOnly = ["CORECLR_", "COR_", WorkerInvitation.Variable];

    private static readonly string[] s_parentsRuntime =
    [
        "STARTUP_HOOKS", "EventPipe", "EnableEventPipe", "Diagnostic", "EnableDiagnostics", "DefaultDiagnosticPort", "gc",
        "PROFILER", "MODIFIABLE_ASSEMBLIES",
    ];

    /// <summary>Returns whether a variable is intended for the parent alone.</summary>
    public static bool IsParentsOnly(string name)
    {
        foreach (string prefix in s_parentsOnly)
        {
            if (name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)) return true;
        }

        int runtime = name.StartsWith("DOTNET_", StringComparison.OrdinalIgnoreCase) ? 7
            : name.StartsWith("COMPlus_", StringComparison.OrdinalIgnoreCase) ? 8 : 0;
        return runtime > 0 && Array.Exists(s_parentsRuntime, s => name.AsSpan(runtime).StartsWith(s, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Returns the variables that configure the runtime of a worker.</summary>
    public static Dictionary<string, string> Own(WorkerStartOptions options)
    {
        var own = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["DOTNET_gcServer"] = options.ServerGarbageCollection ? "1" : "0",
            ["DOTNET_gcConcurrent"] = options.ConcurrentGarbageCollection ? "1" : "0",
            ["DOTNET_TieredPGO"] = "0",
        };
        if (options.HeapLimit is { } limit) own["DOTNET_GCHeapHardLimit"] = limit.ToString("X", CultureInfo.InvariantCulture);
        if (!options.EnableDiagnostics && Environment.GetEnvironmentVariable(WaitForDebugger) != "1")
        {
            own["DOTNET_EnableDiagnostics"] = "0";
            own["DOTNET_LTTng"] = "0"; // otherwise the runtime looks for the libraries of the tracer at each start
        }

        return own;
    }

    /// <summary>Returns the complete environment of a worker.</summary>
    public static Dictionary<string, string> Build(WorkerStartOptions options, string invitation, IDictionary parent)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry entry in parent)
        {
            string name = (string)entry.Key;
            if (!IsParentsOnly(name) && name != ChannelPlatform.EnvironmentVariable)
                environment[name] = (string?)entry.Value ?? "";
        }

        // The parent's own choice of channel also applies to pools of its workers.
        if (parent[ChannelPlatform.EnvironmentVariable] is string channel)
            environment[ChannelPlatform.EnvironmentVariable] = channel;
        foreach ((string name, string value) in Own(options)) environment[name] = value;
        foreach ((string name, string? value) in options.Environment)
        {
            if (value is null) environment.Remove(name);
            else environment[name] = value;
        }

        CrashDumps.NameByProcess(environment);
        environment[WorkerInvitation.Variable] = invitation;
        return environment;
    }

    /// <summary>Returns the changes that a worker makes to its environment after its start, each as name=value, or as the name of a variable to
    /// remove: they restore the parent's values, except for variables that the user has set.</summary>
    /// <param name="options">The options of the worker.</param>
    /// <param name="built">The environment with which it is started.</param>
    /// <param name="parent">The parent's variables.</param>
    public static string[] PutBack(WorkerStartOptions options, Dictionary<string, string> built, IDictionary parent)
    {
        List<string> changes = [];
        foreach ((string name, string value) in built)
        {
            if (name == WorkerInvitation.Variable || options.Environment.ContainsKey(name) || (parent[name] as string) == value) continue;
            changes.Add(parent[name] is string own ? $"{name}={own}" : name);
        }

        foreach (DictionaryEntry entry in parent)
        {
            string name = (string)entry.Key;
            if (name != WorkerInvitation.Variable && !built.ContainsKey(name) && !options.Environment.ContainsKey(name)) changes.Add($"{name}={entry.Value}");
        }

        return [.. changes];
    }
}
