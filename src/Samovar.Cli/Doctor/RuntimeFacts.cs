using System.Runtime;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Samovar.Cli.Doctor;

/// <summary>The .NET runtime that this process runs on, as configured for it.</summary>
/// <param name="Version">Version of the runtime.</param>
/// <param name="Identifier">Platform it was built for, such as linux-x64.</param>
/// <param name="Collector">"server" or "workstation".</param>
/// <param name="ConcurrentCollector">Whether old generations are collected beside the running program.</param>
/// <param name="TieredCompilation">Whether methods start quickly compiled and are optimised when hot.</param>
/// <param name="TieredPgo">Whether that optimisation is guided by a profile taken while running.</param>
/// <param name="DynamicCode">Whether code can be compiled while running; shipping delegates is slow without.</param>
internal sealed record RuntimeFacts(
    string Version,
    string Identifier,
    string Collector,
    bool ConcurrentCollector,
    bool TieredCompilation,
    bool TieredPgo,
    bool DynamicCode)
{
    public static RuntimeFacts Read() => new(
        Environment.Version.ToString(),
        RuntimeInformation.RuntimeIdentifier,
        GCSettings.IsServerGC ? "server" : "workstation",
        GCSettings.LatencyMode != GCLatencyMode.Batch,
        Setting("TieredCompilation", "System.Runtime.TieredCompilation"),
        Setting("TieredPGO", "System.Runtime.TieredPGO"),
        RuntimeFeature.IsDynamicCodeCompiled);

    // Both are on unless the environment or, after it, runtimeconfig.json says otherwise.
    private static bool Setting(string variable, string property) =>
        Environment.GetEnvironmentVariable($"DOTNET_{variable}") is { Length: > 0 } text
            ? text.TrimStart('0').Length > 0
            : !AppContext.TryGetSwitch(property, out bool on) || on;
}
