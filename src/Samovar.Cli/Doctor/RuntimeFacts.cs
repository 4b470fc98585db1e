using System.Runtime;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Samovar.Cli.Doctor;

/// <summary>The .NET runtime of this process, and its configuration.</summary>
/// <param name="Version">The version of the runtime.</param>
/// <param name="Identifier">The platform for which it was built, such as linux-x64.</param>
/// <param name="Collector">"server" or "workstation".</param>
/// <param name="ConcurrentCollector">Whether old generations are collected concurrently with the program.</param>
/// <param name="TieredCompilation">Whether methods are first compiled quickly, and optimized when they are hot.</param>
/// <param name="TieredPgo">Whether that optimization uses a profile recorded at run time.</param>
/// <param name="DynamicCode">Whether code can be compiled at run time; without it, submitting delegates to processes is slow.</param>
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

    // Both are on by default. The environment overrides runtimeconfig.json.
    private static bool Setting(string variable, string property) =>
        Environment.GetEnvironmentVariable($"DOTNET_{variable}") is { Length: > 0 } text
            ? text.TrimStart('0').Length > 0
            : !AppContext.TryGetSwitch(property, out bool on) || on;
}
