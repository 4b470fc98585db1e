using System.Globalization;
using System.Runtime.InteropServices;

namespace Samovar.Benchmarks.Reports;

/// <summary>Where and when figures were taken: without it they mean little.</summary>
internal static class Machine
{
    /// <summary>Date, processors, system and runtime in one line.</summary>
    public static string Describe() => string.Create(CultureInfo.InvariantCulture,
        $"{TimeProvider.System.GetUtcNow():yyyy-MM-dd}, {Environment.ProcessorCount} cores of {Processor()}, {Kernel()}, .NET {Environment.Version}");

    /// <summary>How many are waiting for the processors, where that is more than there are; figures are low then.</summary>
    public static string? Crowd()
    {
        if (!File.Exists("/proc/loadavg")) return null;
        double load = double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture);
        return load <= Environment.ProcessorCount / 2.0 ? null : string.Create(CultureInfo.InvariantCulture,
            $"This machine is busy with something else (load {load:0.0} on {Environment.ProcessorCount} cores): figures are low and far apart, ratios less so.");
    }

    private static string Processor()
    {
        const string label = "model name";
        string? line = File.Exists("/proc/cpuinfo") ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(static line => line.StartsWith(label, StringComparison.Ordinal)) : null;
        return line is null ? RuntimeInformation.ProcessArchitecture.ToString() : line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }

    private static string Kernel() =>
        OperatingSystem.IsLinux() ? $"Linux {Environment.OSVersion.Version.ToString(2)}" : RuntimeInformation.OSDescription;
}
